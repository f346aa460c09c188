"""Reads a written command of `interestream` as the command line would."""

from typing import Any

import typer

from jobs.cli import app


def options_of(command: list[str]) -> dict[str, Any]:
    """What the command line reads from the words of a command, without running it."""
    program, name, *arguments = command
    assert program == "interestream"
    group = typer.main.get_command(app)
    context = group.commands[name].make_context(name, arguments)  # type: ignore[attr-defined]
    return dict(context.params)
