"""Reads what an event says of the recommendation that it belongs to."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

MAX_PLACE = 100
"""Positions beyond count as this one."""
MAX_NAME_CHARS = 64
"""Characters of a source, a segment or a variant that count."""


class Cell(NamedTuple):
    """What click-through is counted by; empty, or the place 0, where an event does not say it.

    `place` is the position in the answer, from 1.
    """

    source: str = ""
    place: int = 0
    segment: str = ""
    variant: str = ""


def unnamed(cell: Cell) -> Cell:
    """The cell by which is counted what has no room of its own: its place alone is left.

    >>> unnamed(Cell("new", 3, "few", "b"))
    Cell(source='', place=3, segment='', variant='')
    """
    return Cell(place=cell.place)


class Recommended(NamedTuple):
    """The recommendation that an event names, and where in it the item was."""

    recommendation_id: str
    cell: Cell


def names_recommendation(line: bytes) -> bool:
    """Whether the raw line of an event, or several, may name one; False is certain."""
    # JSON may write a name in escapes. A backslash alone is found fifty times as fast as b"\\u".
    return b"recommendation_id" in line or (b"\\" in line and b"\\u" in line)


def read_recommended(line: bytes) -> Recommended | None:
    """The recommendation that the raw line of an accepted event names in its context, or None.

    A context is not judged: what is of another type counts as absent.

    >>> read_recommended(b'{"context": {"recommendation_id": "r1", "position": 3}}')
    Recommended(recommendation_id='r1', cell=Cell(source='', place=3, segment='', variant=''))
    >>> read_recommended(b'{"context": {"position": 3}}') is None
    True
    """
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    context = record.get("context") if isinstance(record, dict) else None
    if not isinstance(context, dict):
        return None
    named = context.get("recommendation_id")
    if isinstance(named, int) and not isinstance(named, bool):
        named = str(named)
    if not isinstance(named, str) or not named:
        return None
    names = (_name(context, key) for key in ("source", "segment", "variant"))
    source, segment, variant = names
    return Recommended(named, Cell(source, _place(context), segment, variant))


def _name(context: Mapping[str, Any], key: str) -> str:
    value = context.get(key)
    return value[:MAX_NAME_CHARS] if isinstance(value, str) else ""


def _place(context: Mapping[str, Any]) -> int:
    value = context.get("position")
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 1:
        return 0
    return int(min(value, MAX_PLACE))
