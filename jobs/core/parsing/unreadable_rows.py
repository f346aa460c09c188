"""Rows of files that could not be read, as lines of a stream that say so.

Such a line is the row's raw bytes behind a head, which begins with a control character that no
JSON begins with, and says where the row stands and what is wrong with it.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote_plus

_BEGIN = b"\x1eunreadable_row "
_HEAD = re.compile(rb"\x1eunreadable_row ([!-~]*) ([!-~]*)\x1e")
_LONGEST_HEAD = 4_000
_LONGEST_TEXT = 150
"""Characters of a place or reason; each takes up to twelve bytes of the head."""


@dataclass(frozen=True)
class UnreadableRow:
    """The raw bytes of a row, where it stands (a file and its line), and why it is unreadable."""

    raw: bytes
    place: str
    reason: str


def unreadable_line(row: UnreadableRow) -> bytes:
    """The line that stands for a row in a stream.

    >>> unreadable_line(UnreadableRow(b"1,2", "a.csv, line 7", "too few cells"))
    b'\\x1eunreadable_row a.csv%2C+line+7 too+few+cells\\x1e1,2'
    """
    place, reason = (quote_plus(text[:_LONGEST_TEXT]) for text in (row.place, row.reason))
    return b"%b%b %b\x1e%b" % (_BEGIN, place.encode(), reason.encode(), row.raw)


def read_unreadable(line: bytes) -> UnreadableRow | None:
    """The row that a line stands for; None where it is any other line.

    >>> read_unreadable(b"\\x1eunreadable_row a.csv%2C+line+7 too+few+cells\\x1e1,2")
    UnreadableRow(raw=b'1,2', place='a.csv, line 7', reason='too few cells')
    """
    if not line.startswith(_BEGIN):
        return None
    head = _HEAD.match(line, 0, _LONGEST_HEAD)
    if head is None:
        return None
    place, reason = (_text(part) for part in head.groups())
    return UnreadableRow(line[head.end() :], place, reason)


def _text(quoted: bytes) -> str:
    # Anybody can write such a line, and Postgres has no null character.
    return unquote_plus(quoted.decode("ascii")).replace("\0", "")[:_LONGEST_TEXT]
