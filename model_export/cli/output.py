"""How commands print: lines, tables, and JSON for programs."""

import sys

import orjson
from rich.console import Console
from rich.table import Table


def print_line(text: str) -> None:
    """Print a line to the standard output as it is, without markup, colours or wrapping."""
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def print_table(table: Table, console: Console | None = None) -> None:
    """Print a table to `console`, by default to the standard output."""
    console = console or Console()
    if not console.is_terminal:
        # A pipe has no width: without one, rich would cut cells off at 80 characters.
        console.width = 1_000
    console.print(table)


def print_json(content: object) -> None:
    """Print `content` to the standard output as indented JSON."""
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n")
