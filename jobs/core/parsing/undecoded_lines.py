"""Records of which no record of the contract can be made, as lines of a stream that say so.

Such a line is the record's own bytes, so that its dead letter shows what came, behind a head: why
it is not accepted and, where that is known, whose it is. The head begins with a control character,
as no JSON does.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote_plus

_BEGIN = b"\x1eundecoded "
_HEAD = re.compile(rb"\x1eundecoded ([a-z][a-z_]{0,39}) ([!-~]*) (-|=[!-~]*)\x1e")
_LONGEST_HEAD = 8_000
_LONGEST_DETAIL = 300
"""Characters of a detail; each takes up to twelve bytes of the head."""
_LONGEST_USER = 256


@dataclass(frozen=True)
class Undecoded:
    """The bytes of a record as it came, why it is not accepted, and its user if that is known."""

    raw: bytes
    reason: str
    detail: str = ""
    user_id: str | None = None


def undecoded_line(record: Undecoded) -> bytes:
    """The line that stands for a record in a stream.

    >>> undecoded_line(Undecoded(b"1,2", "unreadable_row", "a.csv, line 7"))
    b'\\x1eundecoded unreadable_row a.csv%2C+line+7 -\\x1e1,2'
    """
    detail = _quoted(record.detail[:_LONGEST_DETAIL])
    user = "-"
    if record.user_id is not None and len(record.user_id) <= _LONGEST_USER:
        user = f"={_quoted(record.user_id)}"
    head = f"{record.reason} {detail} {user}\x1e"
    return _BEGIN + head.encode() + record.raw


def read_undecoded(line: bytes) -> Undecoded | None:
    """The record that a line stands for; None where it is any other line.

    >>> read_undecoded(b"\\x1eundecoded unreadable_row a.csv%2C+line+7 =ada\\x1e1,2")
    Undecoded(raw=b'1,2', reason='unreadable_row', detail='a.csv, line 7', user_id='ada')
    """
    if not line.startswith(_BEGIN):
        return None
    head = _HEAD.match(line, 0, _LONGEST_HEAD)
    if head is None:
        return None
    reason, detail, user = (part.decode("ascii") for part in head.groups())
    # Anybody can write such a line, and Postgres has no null character.
    user_id = _text(user[1:], _LONGEST_USER) if user != "-" else None
    return Undecoded(line[head.end() :], reason, _text(detail, _LONGEST_DETAIL), user_id or None)


def _quoted(text: str) -> str:
    return quote_plus(text, errors="replace")


def _text(quoted: str, longest: int) -> str:
    return unquote_plus(quoted).replace("\0", "")[:longest]
