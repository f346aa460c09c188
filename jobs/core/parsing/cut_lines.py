"""Lines that were cut off before the job's windows, since these cannot hold megabytes.

What comes through is the line's beginning and, behind a line feed, which no whole line holds, a
note: the line's true length and the file that it came from.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

_NOTE = re.compile(rb"\n(\d+) ([!-~]*)")


@dataclass(frozen=True)
class CutLine:
    """The beginning of a line, the length in bytes of the whole, and the file it stands in."""

    beginning: bytes
    length: int
    file: str


def kept_bytes(max_line_bytes: int) -> int:
    """How many bytes of a line come through; a longer one is cut off.

    More than a record may have, so that a dead letter shows most lines whole.
    """
    return 4 * max_line_bytes


def read_cut(line: bytes) -> CutLine | None:
    """The cut line that `line` stands for; None where it is a whole line.

    >>> read_cut(b'{"a": \\n70000000 %2Fdata%2Fevents%2Fx+1.ndjson')
    CutLine(beginning=b'{"a": ', length=70000000, file='/data/events/x 1.ndjson')
    """
    at = line.rfind(b"\n")
    note = _NOTE.fullmatch(line, at) if at >= 0 else None
    if note is None:
        return None
    return CutLine(line[:at], int(note[1]), unquote_plus(note[2].decode("ascii")))
