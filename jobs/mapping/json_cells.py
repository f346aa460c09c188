"""Reads the columns of a table whose cells hold JSON, or lists as Python prints them."""

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from jobs.core.parsing.json_records import is_too_deep

LONGEST_LITERAL = 1_000_000
"""Largest cell of a Python literal in bytes: reading one takes a hundred times its memory."""


class JsonCells:
    """Puts what a text says in the place of the text, so that paths lead into it.

    A text that cannot be read counts as absent, and in `unread` of the pass.

    >>> cells = JsonCells(["tags"])
    >>> cells([{"tags": '["home", "tea"]'}, {"tags": "['mug']"}, {"tags": "mug"}], Counter())
    [{'tags': ['home', 'tea']}, {'tags': ['mug']}, {'tags': None}]
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)

    @property
    def columns(self) -> list[tuple[str, tuple[str, ...]]]:
        """The columns that a table must have."""
        return [("json", (column,)) for column in self._columns]

    def __call__(
        self, rows: Iterable[Mapping[str, Any]], unread: Counter[str]
    ) -> list[Mapping[str, Any]]:
        """The rows of a batch, in their order."""
        return [self._read(row, unread) for row in rows]

    def _read(self, row: Mapping[str, Any], unread: Counter[str]) -> Mapping[str, Any]:
        read = {}
        for column in self._columns:
            text = row.get(column)
            if isinstance(text, str) and text.strip():
                try:
                    read[column] = json_value(text)
                except ValueError:
                    read[column] = None
                    unread[column] += 1
        return {**row, **read} if read else row


def json_value(text: str) -> Any:
    """What a text says in JSON, or as a Python literal of which nothing is run.

    Raises ValueError where it says nothing.

    >>> json_value('{"a": 1}'), json_value("[{'name': 'Drama', 'id': None}]")
    ({'a': 1}, [{'name': 'Drama', 'id': None}])
    """
    raw = text.strip().encode(errors="replace")
    # What orjson reads, but could not write again.
    if is_too_deep(raw):
        raise ValueError("nested too deep")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        if len(raw) > LONGEST_LITERAL:
            raise
    try:
        # Sets and bytes are literals as well, and no JSON.
        return orjson.loads(orjson.dumps(ast.literal_eval(raw.decode())))
    except (SyntaxError, MemoryError, RecursionError, TypeError) as error:
        raise ValueError("neither JSON nor a Python literal") from error
