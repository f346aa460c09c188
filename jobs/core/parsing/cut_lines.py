"""Lines that were cut off before the job's windows, since these cannot hold megabytes.

What comes through is the line's beginning and, behind a line feed, a note: the line's true length
and where it stands, a file or TOPIC/PARTITION/OFFSET.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

_NOTE = re.compile(rb"\n(\d+) ([!-~]*)")


@dataclass(frozen=True)
class CutLine:
    """The beginning of a line, the length in bytes of the whole, and where it stands."""

    beginning: bytes
    length: int
    file: str


def kept_bytes(max_line_bytes: int) -> int:
    """How many bytes of a line come through; a longer one is cut off.

    More than a record may have, so that a dead letter shows most lines whole.
    """
    return 4 * max_line_bytes


def read_cut(line: bytes, kept: int) -> CutLine | None:
    """The cut line that `line` stands for; None where it is a whole line.

    `kept` is how many bytes come through of a line that is cut (`kept_bytes`), and so the most that
    a whole one has: a record of several lines that ends as a note does is not taken for one.

    >>> read_cut(b'{"a": \\n70000000 %2Fdata%2Fevents%2Fx+1.ndjson', kept=6)
    CutLine(beginning=b'{"a": ', length=70000000, file='/data/events/x 1.ndjson')
    """
    note = _NOTE.fullmatch(line, kept)
    if note is None:
        return None
    return CutLine(line[:kept], int(note[1]), unquote_plus(note[2].decode("ascii")))
