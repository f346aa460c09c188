"""Whose a line is that is no record, a user's or an item's, by the rules of docs/contract.md."""

import json
from collections.abc import Iterator

from bench.verify.recompute.fields import text_id
from bench.verify.recompute.rejection import RejectedError

OPEN, CLOSE, SPACE = "[{", "]}", " \t\n\r\v\f"
KEPT_LINES = 4
"""A line goes into the job with at most so many times the bytes that a record may have."""


def user_of_broken(raw: bytes, max_line_bytes: int, max_id_chars: int) -> str | None:
    """The last `user_id` of the first object of a line, as far as the line can be read."""
    return id_of_broken(raw, "user_id", max_line_bytes, max_id_chars)


def id_of_broken(raw: bytes, key: str, max_line_bytes: int, max_id_chars: int) -> str | None:
    """The last id under `key` of the first object of a line, as far as the line can be read."""
    # Bytes that are not UTF-8 become halves of surrogate pairs, which no id may hold.
    text = raw[: KEPT_LINES * max_line_bytes].decode("utf-8", "surrogateescape")
    parts = [*_parts(text), ""]
    found = None
    level = value_at = 0
    for index, part in enumerate(parts):
        if part[:1] in OPEN and part:
            if level == 0 and part == "[":
                return None
            level += 1
        elif part[:1] in CLOSE and part:
            level -= 1
            if level <= 0:
                return found
        elif (
            level == 1 and part == ":" and index - 1 != value_at and _is_key(parts[index - 1], key)
        ):
            value_at = index + 1
            value, behind = parts[value_at], parts[index + 2 : index + 3]
            if value[:1] in OPEN and value:
                found = None
            elif _is_whole(value, behind):
                found = _id(value, max_id_chars)
    return found


def _is_key(part: str, key: str) -> bool:
    return part[:1] == '"' and _loaded(part) == key


def _is_whole(value: str, behind: list[str]) -> bool:
    if value[:1] == '"':
        return len(value) > 1 and value[-1] == '"'
    return value not in ("", ",", ":", "]", "}") and behind in ([","], ["]"], ["}"])


def _parts(text: str) -> Iterator[str]:
    """Strings, brackets, commas, colons, and what stands between them without white space."""
    at = 0
    while at < len(text):
        begin, at = at, at + 1
        if text[begin] == '"':
            while at < len(text) and text[at] != '"':
                if text[at] == "\\":
                    if at + 1 == len(text):
                        break
                    at += 1
                at += 1
            at += at < len(text) and text[at] == '"'
            yield text[begin:at]
        elif text[begin] in OPEN + CLOSE + ",:":
            yield text[begin]
        elif text[begin] not in SPACE:
            while at < len(text) and text[at] not in OPEN + CLOSE + ',:"' + SPACE:
                at += 1
            yield text[begin:at]


def _id(part: str, max_chars: int) -> str | None:
    try:
        found = text_id(_loaded(part))
    except RejectedError:
        return None
    broken = any("\ud800" <= each <= "\udfff" or each == "\0" for each in found)
    return None if broken or not 1 <= len(found) <= max_chars else found


def _loaded(part: str) -> object:
    """The value of a part; None where it is none of JSON."""
    try:
        return json.loads(part)
    except ValueError:
        return None
