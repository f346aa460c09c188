"""Rows for people and for programs."""

import json
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.table import Table
from rich.text import Text

from jobs.cli.escape_controls import escape_controls
from jobs.cli.options import console

Row = Mapping[str, Any]


def print_json(value: object) -> None:
    """ASCII alone, so that no terminal and no encoding gets in the way.

    Times are RFC 3339, bytes base64.
    """
    told = json.dumps(value, default=_plain, ensure_ascii=True, allow_nan=False, indent=2)
    sys.stdout.write(told.replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


def print_rows(rows: Sequence[Row], columns: Mapping[str, str], title: str = "") -> None:
    """A table; `columns` are keys of the rows and their headings. Numbers stand to the right."""
    table = Table(title=title or None, title_justify="left")
    for key, heading in columns.items():
        numbers = all(isinstance(row[key], int | float) for row in rows) and bool(rows)
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(row[key])) for key in columns))
    console.print(table)


def shown(value: Any) -> str:
    """A value as a person reads it, safe for a terminal.

    >>> shown(1234567), shown(0.71234), shown(["a", "b"]), shown(True), shown(None)
    ('1,234,567', '0.712', 'a, b', 'yes', '')
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
        return ", ".join(shown(part) for part in value)
    return escape_controls(value)


def rows_of(
    db: psycopg.Connection, query: str, parameters: Sequence[object] | Row = ()
) -> list[dict[str, Any]]:
    """Every row of a query by its columns' names."""
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
