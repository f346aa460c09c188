"""Finds out what separates the cells of a file, and whether quotes enclose them."""

import io
import re
from dataclasses import dataclass

from jobs.datasets.reading.cells import OPEN_QUOTE, Dialect, Malformed
from jobs.datasets.reading.lines import lines
from jobs.datasets.reading.row_lines import RowLines

_CANDIDATES = (",", "\t", ";", "::", "|")
_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
_LINE_END = re.compile(r"\r\n|\n|\r")
_SEPARATOR = re.compile(r"sep=(.)\r?\n")
_LINES = 20


@dataclass(frozen=True)
class Quoting:
    """How the quotes of a sample look when they are read as such."""

    rows: int
    broken: tuple[int, str] | None
    """Line and reason of the first row that is not well-formed."""
    needed: bool
    """Whether a cell holds what it could not hold without quotes."""
    suspect: int | None
    """The first line whose row goes on over a line that could be a row of its own."""


def find_delimiter(text: str) -> str:
    r"""What separates the cells: what all of the first lines hold equally often, or the first one.

    >>> find_delimiter("id;name\n1;a, b\n"), find_delimiter("1::Heat, The\n2::A\n")
    (';', '::')
    """
    named = _SEPARATOR.match(text)
    if named is not None:
        return named[1]
    bare = [
        _QUOTED.sub("", line) for line in _LINE_END.split(text, _LINES)[:_LINES] if line.strip()
    ]
    counts = {found: [line.count(found) for line in bare] for found in _CANDIDATES}
    steady = [found for found, of in counts.items() if of and of[0] and len(set(of)) == 1]
    if steady:
        return max(steady, key=lambda found: counts[found][0])
    first = {found: of[0] if of else 0 for found, of in counts.items()}
    best = max(_CANDIDATES, key=lambda found: first[found])
    return best if first[best] else ","


def find_line_end(text: str) -> str:
    r"""The character that ends lines: a carriage return where no line feed stands outside quotes.

    >>> find_line_end("a,b\r1,2\r"), find_line_end("a\r\n")
    ('\r', '\n')
    """
    if "\r" not in text:
        return "\n"
    bare = _QUOTED.sub("", text)
    return "\n" if "\n" in bare or "\r" not in bare else "\r"


def try_quotes(text: str, dialect: Dialect, line_end: str, whole: bool) -> Quoting:
    """Read the rows of a sample with quotes; `whole`: nothing of the file stands behind it."""
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    source = RowLines(lines(stream, line_end.encode()), "utf-8", line_end)
    rows, broken, needed, suspect = 0, None, False, None
    while line := source.next_line():
        if line.text is None or not line.text.strip():
            continue
        found, taken = source.read(line, line.text, dialect)
        if found is OPEN_QUOTE and not whole:
            break
        if isinstance(found, Malformed):
            broken = broken or (line.number, found.reason)
            continue
        quotes = line.text.count(dialect.quote)
        if quotes:
            needed = needed or taken > 1 or any(dialect.delimiter in cell for cell in found)
            needed = needed or dialect.quote * 2 in line.text
            needed = needed or (rows == 0 and quotes == 2 * len(found))
        if suspect is None and taken > 1 and len(found) > 2:
            counts = [(one.text or "").count(dialect.delimiter) + 1 for one in source.taken]
            suspect = line.number if len(found) in counts else None
        rows += 1
    return Quoting(rows, broken, needed, suspect)
