"""Rows that are objects: JSON lines, JSON documents with a list, lines of Python literals."""

import ast
import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from jobs.core.parsing.json_records import is_too_deep
from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.dataset import Record
from jobs.datasets.reading.lines import LONGEST
from jobs.formats.json_encoding import exact_json

LONGEST_LITERAL = 1_000_000
"""Largest line of a Python literal in bytes: reading one takes a hundred times its memory."""


def json_object(raw: bytes) -> Record | str:
    """The object of a JSON text, or why it is none; a comma behind it is no fault.

    An integer that 64 bits do not hold becomes its decimal text, as in a stream.

    >>> json_object(b'{"a": 1}'), json_object(b"[1]"), json_object(b'{"a": 18446744073709551616}')
    ({'a': 1}, 'not an object', {'a': '18446744073709551616'})
    """
    # What orjson reads, but could not write again.
    if is_too_deep(raw):
        return "nested too deep"
    raw = raw.removesuffix(b",")
    try:
        found = exact_json(raw)
    except orjson.JSONDecodeError:
        found = _without_nan(raw)
        if found is None:
            return "not JSON"
    return found if isinstance(found, dict) else "not an object"


def _without_nan(raw: bytes) -> Any:
    """What Python's json writes where a number is missing, as JSON; None where it is no JSON."""
    if b"NaN" not in raw and b"Infinity" not in raw:
        return None
    try:
        return orjson.loads(orjson.dumps(json.loads(raw, parse_constant=lambda _: None)))
    except (ValueError, TypeError, RecursionError):
        return None


def python_object(raw: bytes) -> Record | str:
    """The dictionary of a Python literal, or why it is none; nothing is run.

    >>> python_object(b"{u'id': u'st1', 'price': 4.99, 'tags': ('a', None)}")
    {'id': 'st1', 'price': 4.99, 'tags': ['a', None]}
    """
    if len(raw) > LONGEST_LITERAL:
        return f"longer than {LONGEST_LITERAL:,} bytes"
    try:
        # It stops at 200 open brackets.
        found = ast.literal_eval(raw.decode().strip())
        # Sets, bytes and complex numbers are literals as well, and no JSON.
        document = orjson.loads(orjson.dumps(found))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return "not a Python literal"
    return document if isinstance(document, dict) else "not an object"


READERS: dict[str, Callable[[bytes], Record | str]] = {
    "jsonl": json_object,
    "json": json_object,
    "python": python_object,
}


def object_rows(
    raw_rows: Iterator[bytes], read: Callable[[bytes], Record | str], encoding: str, place: str
) -> Iterator[Record | bytes]:
    """The objects of lines or of a list's elements; empty ones are left out.

    `place` is the file and the word for a row, such as `a.json, element`.
    """
    for number, raw in enumerate(raw_rows, start=1):
        bare = raw.strip()
        if number == 1:
            bare = bare.removeprefix(b"\xef\xbb\xbf").strip()
        if not bare:
            continue
        found = _read(bare, read, encoding)
        if isinstance(found, str):
            one_line = bare.replace(b"\r", b" ").replace(b"\n", b" ")
            yield BrokenRow.of(one_line, found, f"{place} {number}")
        else:
            yield found


def _read(raw: bytes, read: Callable[[bytes], Record | str], encoding: str) -> Any:
    if len(raw) > LONGEST:
        return f"longer than {LONGEST:,} bytes"
    if encoding.startswith("utf-8"):
        try:
            raw.decode()
        except UnicodeDecodeError:
            return "not UTF-8"
        return read(raw)
    try:
        return read(raw.decode(encoding).encode())
    except UnicodeDecodeError:
        return f"not {encoding}"
