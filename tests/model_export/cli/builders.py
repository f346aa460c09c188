"""Run a command as a person would, and look at what it left."""

from pathlib import Path

from typer.testing import CliRunner, Result

from model_export.cli.app import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def tree(folder: Path) -> dict[str, bytes]:
    """Every file with its content, but for the lock, which stays empty."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }
