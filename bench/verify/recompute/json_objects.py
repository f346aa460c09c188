"""One line of bytes to one JSON object, by the rules of docs/contract.md."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from bench.verify.recompute.rejection import RejectedError

MAX_LEVELS = 200
"""A record nests at most this many objects and arrays, itself included."""


def line_of(record: bytes | Mapping[str, Any]) -> bytes:
    """A record given as an object, written as a line; bytes are returned as they are."""
    if isinstance(record, bytes):
        return record
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def read_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in a line.

    Raises RejectedError for `not_utf8`, `not_json`, `not_an_object` and `null_character`.
    """
    try:
        line = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise RejectedError("not_utf8") from None
    if _levels(line) > MAX_LEVELS:
        raise RejectedError("not_json")
    try:
        record = json.loads(
            line,
            parse_constant=_no_constant,
            parse_float=_double,
            parse_int=_integer,
            object_pairs_hook=_members if "\\u" in line else None,
        )
        if "\\u" in line:
            # Strings outside every object, which `_members` does not see.
            _no_surrogate(record)
        null = "\\u0000" in line and _any_string(record, lambda text: "\0" in text)
    except (ValueError, RecursionError):
        raise RejectedError("not_json") from None
    if not isinstance(record, dict):
        raise RejectedError("not_an_object")
    if null:
        raise RejectedError("null_character")
    return record


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and the infinities, JSON does not know them."""
    raise ValueError(name)


def _levels(line: str) -> int:
    """How deep objects and arrays nest: brackets inside strings do not count."""
    if line.count("[") + line.count("{") <= MAX_LEVELS:
        return 0
    level = deepest = 0
    in_string = skip = False
    for character in line:
        if skip:
            skip = False
        elif in_string:
            skip = character == "\\"
            in_string = character != '"'
        elif character == '"':
            in_string = True
        elif character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


def _double(text: str) -> float:
    """JSON does not limit its numbers: one that is beyond a double is refused."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _integer(text: str) -> int:
    _double(text)
    return int(text)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The last value of a repeated name counts, but every value must be valid."""
    for name, value in pairs:
        _no_surrogate([name, value])
    return dict(pairs)


def _no_surrogate(value: object) -> None:
    """Half of a surrogate pair is not a character, and databases refuse it."""
    if _any_string(value, lambda text: any("\ud800" <= each <= "\udfff" for each in text)):
        raise ValueError("half of a surrogate pair")


def _any_string(value: object, found: Callable[[str], bool]) -> bool:
    if isinstance(value, str):
        return found(value)
    if isinstance(value, list):
        return any(_any_string(part, found) for part in value)
    if isinstance(value, dict):
        return any(found(k) or _any_string(part, found) for k, part in value.items())
    return False
