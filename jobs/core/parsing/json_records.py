"""Reads one JSON record, and the fields that several kinds of records have: ids, texts, times."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from jobs.core.parsing.cut_lines import kept_bytes, read_cut
from jobs.core.parsing.events import Rejection
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import read_undecoded

MAX_LEVELS = 200
"""Largest depth of nested objects and arrays, the record itself included.

It is below the limit of every parser involved (Java 1,000; orjson 1,024 to read and 254 to write).
"""

DATES_MS = range(-62_135_596_800_000, 253_402_300_800_000)
"""The instants in epoch milliseconds of the years 1 to 9999, which a date can have."""

# A string without an end goes on to the end of the line, so that every line takes one pass.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKET = re.compile(rb"[^][{}]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Stricter than fromisoformat, which also accepts week dates, times without seconds and offsets such
# as +00:75.
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII
)


def read_object(line: bytes, rules: Rules) -> dict[str, Any] | Rejection:
    """The JSON object of a raw line, or the reason why the line is rejected.

    >>> read_object(b'[1]', Rules(frozenset()))
    Rejection(reason='not_an_object', detail='list')
    """
    if (undecoded := read_undecoded(line)) is not None:
        return Rejection(undecoded.reason, undecoded.detail)
    return json_object(line, rules)


def json_object(line: bytes, rules: Rules) -> dict[str, Any] | Rejection:
    """`read_object` of a line that stands for no other record, whatever it says of itself."""
    if len(line) > rules.max_line_bytes:
        return Rejection("too_large", _size(line, rules))
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return Rejection("not_utf8", f"byte {error.start}")
    if is_too_deep(line):
        return Rejection("not_json", f"nested deeper than {MAX_LEVELS} levels")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Rejection("not_json", str(error)[:200])
    if not isinstance(record, dict):
        return Rejection("not_an_object", type(record).__name__)
    # Postgres has no null character, not even inside a JSON document.
    if b"\\u0000" in line and has_null(record):
        return Rejection("null_character")
    return record


def _size(line: bytes, rules: Rules) -> str:
    cut = read_cut(line, kept_bytes(rules.max_line_bytes))
    limit = f"at most {rules.max_line_bytes}"
    if cut is None:
        return f"{len(line)} bytes, {limit}"
    kept = len(cut.beginning)
    return f"{cut.length} bytes, {limit}; the first {kept} are kept, the rest is in {cut.file}"


def is_too_deep(line: bytes) -> bool:
    """Whether brackets outside of strings are nested deeper than `MAX_LEVELS`.

    >>> is_too_deep(b"[" * 200 + b"]" * 200), is_too_deep(b"[" * 201)
    (False, True)
    """
    if len(line) <= MAX_LEVELS or line.count(b"[") + line.count(b"{") <= MAX_LEVELS:
        return False
    level = 0
    for bracket in _NO_BRACKET.sub(b"", _STRING.sub(b"", line)):
        level += 1 if bracket in b"[{" else -1
        if level > MAX_LEVELS:
            return True
    return False


def has_null(value: Any) -> bool:
    """Whether a text of a JSON value, or the name of a member, holds a null character.

    >>> has_null({"a": ["b\\0"]}), has_null([1, "b"])
    (True, False)
    """
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, list):
        return any(map(has_null, value))
    if isinstance(value, dict):
        return any(map(has_null, value)) or any(map(has_null, value.values()))
    return False


def read_id(
    record: Mapping[str, Any], key: str, rules: Rules, *, required: bool = True
) -> str | None | Rejection:
    """The id under `key` as text; an integer becomes its decimal text.

    Returns None where an id that is not `required` is absent.
    """
    found = record.get(key)
    if found is None and not required:
        return None
    if found is None or found == "":
        return Rejection("missing_field", key)
    if type(found) is int:
        found = str(found)
    if not isinstance(found, str):
        return Rejection("wrong_type", f"{key} is a {type(found).__name__}")
    if len(found) > rules.max_id_chars:
        return Rejection("too_long", f"{key}: {len(found)} characters")
    return found


def read_text(record: Mapping[str, Any], key: str, rules: Rules) -> str | None | Rejection:
    """The text under `key`; None where it is absent or empty."""
    found = record.get(key)
    if found is None or found == "":
        return None
    if not isinstance(found, str):
        return Rejection("wrong_type", f"{key} is a {type(found).__name__}")
    if len(found) > rules.max_text_chars:
        return Rejection("too_long", f"{key}: {len(found)} characters")
    return found


def read_time_ms(record: Mapping[str, Any], key: str) -> int | None | Rejection:
    """The time under `key` in epoch milliseconds; None where it is absent.

    It is given in RFC 3339 with an offset, or as an integer of epoch milliseconds.

    >>> read_time_ms({"at": "1970-01-01T00:00:01Z"}, "at")
    1000
    """
    found = record.get(key)
    if found is None or found == "":
        return None
    if type(found) is int:
        return found
    if not isinstance(found, str):
        return Rejection("wrong_type", f"{key} is a {type(found).__name__}")
    if not _RFC_3339.fullmatch(found):
        return Rejection("bad_time", found[:64])
    try:
        moment = datetime.fromisoformat(found.upper())
        return (moment - _EPOCH) // timedelta(milliseconds=1)
    except ValueError:
        return Rejection("bad_time", found[:64])
    except OverflowError:
        return Rejection("time_out_of_bounds", found[:64])
