"""Makes dead letters, and reads whose a line is that is no record.

Forgetting a user deletes the dead letters that carry the user's id, so an id is read wherever it
can be: from a line that is no JSON, is not UTF-8, holds a null character or was cut off.
"""

import re
from typing import Any

import orjson

from jobs.core.parsing.cut_lines import kept_bytes, read_cut
from jobs.core.parsing.events import DeadLetter, Rejection
from jobs.core.parsing.json_records import read_id
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import read_undecoded

# A string, complete or up to the line's end; brackets that open; brackets that close; the rest.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]+|[\]}]+|[,:]|[^\s"\[\]{},:]+', re.DOTALL)
_KEY = "user_id"
_LONGEST_KEY = 2 + 6 * len(_KEY)
"""Bytes of the key where every character of it is escaped."""


def dead_letter(
    line: bytes, record: dict[str, Any] | Rejection, rejection: Rejection, rules: Rules
) -> DeadLetter:
    """The dead letter of a line, with the id of its user where that can be read.

    `record` is what `read_object` returned for the line.
    """
    if isinstance(record, dict):
        found = read_id(record, _KEY, rules)
        user_id = found if isinstance(found, str) else None
        return DeadLetter(line, rejection.reason, rejection.detail, user_id)
    raw = raw_bytes(line, rules)
    undecoded = read_undecoded(line)
    known = None if undecoded is None else undecoded.user_id
    user_id = known or user_of_broken(raw, rules)
    return DeadLetter(raw, rejection.reason, rejection.detail, user_id)


def raw_bytes(line: bytes, rules: Rules) -> bytes:
    """What came of a record, without a note about its length or a head about its reason.

    >>> raw_bytes(b"\\x1eundecoded unreadable_row few+cells -\\x1e1,2", Rules(frozenset()))
    b'1,2'
    """
    cut = read_cut(line, kept_bytes(rules.max_line_bytes))
    whole = line if cut is None else cut.beginning
    undecoded = read_undecoded(whole)
    return whole if undecoded is None else undecoded.raw


def user_of_broken(line: bytes, rules: Rules) -> str | None:
    """The user of a line that is no record: the last `user_id` of its first object.

    The line is read by its strings and brackets, whatever stands between them. A value counts when
    it is whole: a string with its closing quote, anything else with a comma or bracket behind it.
    None where there is none, and where it is no id.

    >>> user_of_broken(b'{"user_id": "ada", "text": "cut o', Rules(frozenset()))
    'ada'
    >>> user_of_broken(b'{"context": {"user_id": "bob"}, "user_id": 1', Rules(frozenset()))
    """
    if _KEY.encode() not in line and b"\\u" not in line:
        return None
    user_id: str | None = None
    level, before, number = 0, b"", b""
    for match in _TOKEN.finditer(line):
        token = match.group()
        kind = token[:1]
        if number:
            user_id = _id(number, rules) if kind in b",]}" else user_id
            number = b""
        if kind in b"[{":
            if level == 0 and kind == b"[":
                return None
            if level == 1 and before == b":":
                user_id = None
            level += len(token)
            before = b""
        elif kind in b"]}":
            level -= len(token)
            before = b""
            if level <= 0:
                break
        elif level != 1:
            continue
        elif before == b":":
            before = b""
            if kind != b'"':
                number = token if kind not in b",:" else b""
            elif _is_whole(token):
                user_id = _id(token, rules)
        elif before == _KEY.encode() and kind == b":":
            before = b":"
        else:
            before = _KEY.encode() if _is_key(token) else b""
    return user_id


def _is_key(token: bytes) -> bool:
    if b"\\" not in token:
        return token == b'"%b"' % _KEY.encode()
    return len(token) <= _LONGEST_KEY and _value(token) == _KEY


def _is_whole(string: bytes) -> bool:
    return len(string) > 1 and string.endswith(b'"')


def _id(token: bytes, rules: Rules) -> str | None:
    found = read_id({_KEY: _value(token)}, _KEY, rules)
    return found if isinstance(found, str) and "\0" not in found else None


def _value(token: bytes) -> Any:
    try:
        return orjson.loads(token)
    except orjson.JSONDecodeError:
        return None
