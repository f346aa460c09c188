"""Reads values and keys that are JSON."""

import json
import re
import sys
from typing import Any

import orjson

from jobs.core.parsing.events import Rejection
from jobs.core.parsing.json_records import has_null, is_too_deep, json_object
from jobs.core.parsing.rules import Rules
from jobs.formats.encoding import Headers
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.plain_values import exact

# The length is judged where lines are read: the envelope around a record may be longer than it.
_RULES = Rules(frozenset(), max_line_bytes=sys.maxsize)
_DIGITS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
_SHORTEST = b"0" * 19
"""The digits of the shortest integer beyond 64 bits: a negative one of 19, or one of 20."""
_LONG = b"0" * 20
_LONG_NEGATIVE = b"-" + _SHORTEST
# Not behind a quote: texts of many digits are common.
_LONG_INTEGER = re.compile(rb"(?:\A|[:,\[\s])(?:\d{20}|-\d{19})")
_REGISTRY_PREFIX = 5


def read_json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of a value; raises UnreadableRecordError.

    An integer that 64 bits do not hold becomes its decimal text. What a serializer of a schema
    registry puts in front (a zero byte and four of the schema's id) is passed over.

    >>> read_json_object(b'{"id": 18446744073709551616, "n": 7}')
    {'id': '18446744073709551616', 'n': 7}
    """
    if raw[:1] == b"\0":
        raw = raw[_REGISTRY_PREFIX:]
    found = json_object(raw, _RULES)
    if isinstance(found, Rejection):
        raise UnreadableRecordError(found.reason, found.detail)
    if may_hold_long_integers(raw):
        exactly: dict[str, Any] = _exactly(raw)
        return exactly
    return found


def exact_json(raw: bytes) -> Any:
    """The value of a JSON text, as `read_json_object` reads it; raises orjson.JSONDecodeError."""
    found = orjson.loads(raw)
    return _exactly(raw) if may_hold_long_integers(raw) else found


def read_json(raw: bytes) -> Any:
    """Any JSON value of a part of a record; raises UnreadableRecordError."""
    if is_too_deep(raw):
        raise UnreadableRecordError("not_json", "nested too deep")
    try:
        found = exact_json(raw)
    except orjson.JSONDecodeError as error:
        raise UnreadableRecordError("not_json", str(error)[:200]) from error
    if b"\\u0000" in raw and has_null(found):
        raise UnreadableRecordError("null_character")
    return found


def read_key(raw: bytes) -> Any:
    """A key: an object, a text or an integer. What is no JSON is a text as it stands.

    Raises UnreadableRecordError where it is not UTF-8.

    >>> read_key(b'{"id": 7}'), read_key(b"7"), read_key(b"007"), read_key(b'"a"'), read_key(b"a")
    ({'id': 7}, 7, '007', 'a', 'a')
    """
    if raw[:1] == b"\0":
        raw = raw[_REGISTRY_PREFIX:]
    try:
        found = read_json(raw)
    except UnreadableRecordError as error:
        if error.reason == "null_character":
            raise
        found = None
    if isinstance(found, dict | str) or type(found) is int:
        return found
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise UnreadableRecordError("not_utf8", f"byte {error.start} of the key") from error
    if "\0" in text:
        raise UnreadableRecordError("null_character", "in the key")
    return text


class JsonEncoding:
    """Values and keys in JSON."""

    is_json = True

    def value(self, raw: bytes, headers: Headers | None) -> dict[str, Any]:
        """The object of a value; raises UnreadableRecordError."""
        return read_json_object(raw)

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """An object, a text or an integer; raises UnreadableRecordError."""
        return read_key(raw)


def may_hold_long_integers(raw: bytes) -> bool:
    """Whether an integer of a JSON text may be beyond 64 bits; `raw` may also be several texts.

    >>> may_hold_long_integers(b'{"id": 18446744073709551616}'), may_hold_long_integers(b'{"a": 7}')
    (True, False)
    """
    digits = raw.translate(_DIGITS)
    if _SHORTEST not in digits or not (_LONG in digits or _LONG_NEGATIVE in digits):
        return False
    return _LONG_INTEGER.search(raw) is not None


def _exactly(raw: bytes) -> Any:
    return json.loads(raw, parse_int=_exact_text)


def _exact_text(digits: str) -> int | str:
    # Python takes no more than 4,300 digits; a text may have any number of them.
    return digits if len(digits) > 100 else exact(int(digits))
