"""Whose the lines of events are that the decode step makes."""

import re

import orjson

from jobs.core.parsing.undecoded_lines import read_undecoded

# As a mapping writes events, but for ids with characters that JSON escapes.
_MAPPED = re.compile(rb'\{"event_id":(?:"[^"\\]*"|-?\d+),"user_id":(?:"([^"\\]+)"|(-?\d+))(?=[,}])')


def user_of_line(line: bytes) -> str | None:
    """The user of an event's line, or of the record that it stands for; None where none is known.

    >>> user_of_line(b'{"event_id":"e1","user_id":"ada","action":"view"}')
    'ada'
    >>> user_of_line(b'{"user_id": 7}'), user_of_line(b'{"user_id": [7]}'), user_of_line(b"{")
    ('7', None, None)
    """
    match = _MAPPED.match(line)
    # Of a name that is there twice the last one counts, as everywhere.
    if match is not None and line.count(b'"user_id"') == 1:
        try:
            return (match[1] or match[2]).decode()
        except UnicodeDecodeError:
            return None
    undecoded = read_undecoded(line)
    if undecoded is not None:
        return undecoded.owner_id
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    found = record.get("user_id") if isinstance(record, dict) else None
    if isinstance(found, str):
        return found or None
    return str(found) if type(found) is int else None
