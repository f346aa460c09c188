"""Records of which no record of the contract can be made, as lines of a stream that say so.

Such a line is the record's own bytes, so that its dead letter shows what came, behind a head: why
it is not accepted and, where that is known, whose it is. The head begins with a control character,
as no JSON does.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote_plus

from jobs.core.parsing.events import NOTHING_KEPT

_BEGIN = b"\x1eundecoded "
_HEAD = re.compile(rb"\x1eundecoded ([a-z][a-z0-9_]{0,39}) ([!-~]*) (-|=[!-~]*)\x1e")
OWNER = r"^\x1eundecoded [^ ]+ [!-~]* =([!-~]+)\x1e"
"""The head, as a pattern for Java; its group is the owner's id, with escapes as in an address."""
_LONGEST_HEAD = 8_000
_LONGEST_DETAIL = 300
"""Characters of a detail; each takes up to twelve bytes of the head."""
_LONGEST_ID = 256


@dataclass(frozen=True)
class Undecoded:
    """The bytes of a record as it came, why it is not accepted, and whose it is.

    `owner_id` is the id of its user, or of its item in the stream of items, where that is known.
    """

    raw: bytes
    reason: str
    detail: str = ""
    owner_id: str | None = None


def undecoded_line(record: Undecoded) -> bytes:
    """The line that stands for a record in a stream.

    >>> undecoded_line(Undecoded(b"1,2", "unreadable_row", "a.csv, line 7"))
    b'\\x1eundecoded unreadable_row a.csv%2C+line+7 -\\x1e1,2'
    """
    detail = _quoted(record.detail[:_LONGEST_DETAIL])
    owner = "-"
    if record.owner_id is not None and len(record.owner_id) <= _LONGEST_ID:
        owner = f"={_quoted(record.owner_id)}"
    head = f"{record.reason} {detail} {owner}\x1e"
    return _BEGIN + head.encode() + record.raw


def read_undecoded(line: bytes) -> Undecoded | None:
    """The record that a line stands for; None where it is any other line.

    Anybody can write such a line, so one that says to be of a forgotten user or of a deleted item,
    of which no row is written, is any other line.

    >>> read_undecoded(b"\\x1eundecoded unreadable_row a.csv%2C+line+7 =ada\\x1e1,2")
    Undecoded(raw=b'1,2', reason='unreadable_row', detail='a.csv, line 7', owner_id='ada')
    """
    if not line.startswith(_BEGIN):
        return None
    head = _HEAD.match(line, 0, _LONGEST_HEAD)
    if head is None:
        return None
    reason, detail, owner = (part.decode("ascii") for part in head.groups())
    if reason in NOTHING_KEPT:
        return None
    # Postgres has no null character.
    owner_id = _text(owner[1:], _LONGEST_ID) if owner != "-" else None
    return Undecoded(line[head.end() :], reason, _text(detail, _LONGEST_DETAIL), owner_id or None)


def _quoted(text: str) -> str:
    return quote_plus(text, errors="replace")


def _text(quoted: str, longest: int) -> str:
    return unquote_plus(quoted).replace("\0", "")[:longest]
