"""Prints results: tables and lines for people, JSON for programs."""

import json
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from rich.table import Table
from rich.text import Text

from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import console, error_console

if TYPE_CHECKING:
    from jobs.datasets.dataset import Dataset

Row = Mapping[str, Any]


def print_json(value: object) -> None:
    """Print one JSON document in ASCII, which every terminal and encoding can show.

    Times become RFC 3339 strings, bytes base64. Raises TypeError for any other type that JSON
    does not have.
    """
    document = json.dumps(value, default=_to_json, ensure_ascii=True, allow_nan=False, indent=2)
    # JSON leaves DEL as it is, but terminals act on it.
    sys.stdout.write(document.replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def print_line(text: str) -> None:
    """Print a line with control characters escaped, without wrapping it."""
    console.print(escape_controls(text), highlight=False, markup=False, soft_wrap=True)


def print_note(sentence: str) -> None:
    """Print a sentence on the standard error as a note; an empty one prints nothing."""
    if sentence:
        error_console.print(
            f"Note: {escape_controls(sentence)}.", highlight=False, markup=False, soft_wrap=True
        )


def print_dataset_notes(dataset: "Dataset") -> None:
    """Print what of a data set is not read, and how its files are read, as notes."""
    for sentence in (dataset.unread, *dataset.notes):
        print_note(sentence)


def print_rows(
    rows: Sequence[Row], columns: Mapping[str, str], title: str = "", *, or_records: bool = False
) -> None:
    """Print a table; `columns` maps keys of the rows to headings.

    Columns of numbers are right-aligned. With `or_records`, a table that is wider than the
    terminal becomes one block of lines for each row, since folded numbers cannot be read.
    """
    table = Table(title=title or None, title_justify="left")
    for key, heading in columns.items():
        is_numeric = all(isinstance(row[key], int | float) for row in rows) and bool(rows)
        table.add_column(heading, justify="right" if is_numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(format_value(row[key])) for key in columns))
    if or_records and _width(table) > console.width:
        _print_records(rows, columns)
    else:
        console.print(table)


def _width(table: Table) -> int:
    """Columns of the terminal that a table takes when no cell is folded."""
    unlimited = console.options.update(max_width=100_000)
    return console.measure(table, options=unlimited).maximum


def _print_records(rows: Sequence[Row], columns: Mapping[str, str]) -> None:
    """Print a line with heading and value for each column, and an empty line between rows."""
    for number, row in enumerate(rows):
        if number:
            console.print()
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for key, heading in columns.items():
            if row[key] not in (None, ""):
                grid.add_row(heading, Text(format_value(row[key])))
        console.print(grid)


def format_value(value: Any) -> str:
    """Return a value as text that is safe to print on a terminal.

    >>> [format_value(value) for value in (1234567, 0.71234, ["a", "b"], True, None)]
    ['1,234,567', '0.712', 'a, b', 'yes', '']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list | tuple):
        return ", ".join(format_value(part) for part in value)
    return escape_controls(value)


def fetch_rows(
    db: psycopg.Connection,
    query: str | sql.Composed,
    parameters: Sequence[object] | Row = (),
) -> list[dict[str, Any]]:
    """Return all rows of a query as dicts with the columns' names."""
    statement = query.encode() if isinstance(query, str) else query
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, parameters).fetchall()


def print_answer(
    rows: Sequence[Row], columns: Mapping[str, str], as_json: bool, why: str | None = None
) -> None:
    """Print the rows of a question; `why` says what left none, where that is known."""
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, columns)
    else:
        print_line(f"Nothing was found: {why}." if why else "Nothing was found.")


def _to_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
