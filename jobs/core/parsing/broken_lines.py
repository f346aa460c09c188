"""Makes dead letters, and reads whose a line is that is no record.

Forgetting a user deletes the dead letters that carry the user's id, and deleting an item those that
carry the item's. So an id is read wherever it can be: from a line that is no JSON, is not UTF-8,
holds a null character or was cut off.
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


def dead_letter(
    line: bytes, record: dict[str, Any] | Rejection, rejection: Rejection, rules: Rules
) -> DeadLetter:
    """The dead letter of a line, with the id of its user where that can be read.

    `record` is what `read_object` returned for the line.
    """
    raw, user_id = _read(line, record, "user_id", rules)
    return DeadLetter(raw, rejection.reason, rejection.detail, user_id=user_id)


def dead_item(
    line: bytes, record: dict[str, Any] | Rejection, rejection: Rejection, rules: Rules
) -> DeadLetter:
    """The dead letter of a line of items, with the item's id where that can be read."""
    raw, item_id = _read(line, record, "item_id", rules)
    return DeadLetter(raw, rejection.reason, rejection.detail, item_id=item_id)


def _read(
    line: bytes, record: dict[str, Any] | Rejection, key: str, rules: Rules
) -> tuple[bytes, str | None]:
    """The bytes to keep of a line, and the id under `key`."""
    if isinstance(record, dict):
        found = read_id(record, key, rules)
        return line, found if isinstance(found, str) else None
    cut = read_cut(line, kept_bytes(rules.max_line_bytes))
    whole = line if cut is None else cut.beginning
    undecoded = read_undecoded(whole)
    if undecoded is None:
        return whole, id_of_broken(whole, key, rules)
    return undecoded.raw, undecoded.owner_id or id_of_broken(undecoded.raw, key, rules)


def user_of_broken(line: bytes, rules: Rules) -> str | None:
    """The user of a line that is no record: see `id_of_broken`."""
    return id_of_broken(line, "user_id", rules)


def id_of_broken(line: bytes, key: str, rules: Rules) -> str | None:
    """The id in a line that is no record: the last one under `key` of its first object.

    The line is read by its strings and brackets, whatever stands between them. A value counts when
    it is whole: a string with its closing quote, anything else with a comma or bracket behind it.
    None where there is none, and where it is no id.

    >>> id_of_broken(b'{"user_id": "ada", "text": "cut o', "user_id", Rules(frozenset()))
    'ada'
    >>> broken = b'{"context": {"user_id": "bob"}, "user_id": 1'
    >>> id_of_broken(broken, "user_id", Rules(frozenset()))
    """
    name = key.encode()
    if name not in line and b"\\u" not in line:
        return None
    found: str | None = None
    level, before, number = 0, b"", b""
    for match in _TOKEN.finditer(line):
        token = match.group()
        kind = token[:1]
        if number:
            found = _id(number, key, rules) if kind in b",]}" else found
            number = b""
        if kind in b"[{":
            if level == 0 and kind == b"[":
                return None
            if level == 1 and before == b":":
                found = None
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
                found = _id(token, key, rules)
        elif before == name and kind == b":":
            before = b":"
        else:
            before = name if _is_key(token, key) else b""
    return found


def _is_key(token: bytes, key: str) -> bool:
    if b"\\" not in token:
        return token == b'"%b"' % key.encode()
    # In quotes, and with every character of it escaped at most.
    return len(token) <= 2 + 6 * len(key) and _value(token) == key


def _is_whole(string: bytes) -> bool:
    return len(string) > 1 and string.endswith(b'"')


def _id(token: bytes, key: str, rules: Rules) -> str | None:
    found = read_id({key: _value(token)}, key, rules)
    return found if isinstance(found, str) and "\0" not in found else None


def _value(token: bytes) -> Any:
    try:
        return orjson.loads(token)
    except orjson.JSONDecodeError:
        return None
