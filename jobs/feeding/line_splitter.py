"""Splits blocks of bytes into lines, as they come from a file or a pipe."""

from codecs import BOM_UTF8
from dataclasses import dataclass

from jobs.datasets.stream_files import cut


@dataclass(frozen=True)
class LongLine:
    """A line that was cut: its number in its source, from 1, and its length in bytes."""

    source: str
    number: int
    length: int


class LineSplitter:
    """Lines of one source; a line longer than `longest` bytes is cut as it comes, not collected.

    A byte order mark at the beginning is dropped. Lines of white space alone are left out and
    counted in `empty`. `long_lines` are the lines that were cut.

    >>> splitter = LineSplitter("x")
    >>> splitter.add(b"one\\n\\ntw"), splitter.add(b"o\\nthree"), splitter.end()
    ([(1, b'one')], [(3, b'two')], [(4, b'three')])
    """

    def __init__(self, source: str, longest: int = 1_000_000) -> None:
        self.source = source
        self.empty = 0
        self.long_lines: list[LongLine] = []
        self._longest = longest
        self._number = 0
        self._begun = bytearray()
        self._dropped = 0

    def add(self, block: bytes) -> list[tuple[int, bytes]]:
        """The lines that end in the block, without line feed, each with its number."""
        first, *others = block.split(b"\n")
        self._grow(first)
        if not others:
            return []
        found = [*self._finish(bytes(self._begun), self._dropped)]
        self._begun.clear()
        self._dropped = 0
        self._grow(others.pop())
        for line in others:
            found += self._finish(line, 0)
        return found

    def end(self) -> list[tuple[int, bytes]]:
        """The last line, if it has no line feed."""
        if not self._begun:
            return []
        found = self._finish(bytes(self._begun), self._dropped)
        self._begun.clear()
        self._dropped = 0
        return found

    def _grow(self, part: bytes) -> None:
        room = self._longest + 1 - len(self._begun)
        self._begun += part[:room]
        self._dropped += max(len(part) - room, 0)

    def _finish(self, line: bytes, dropped: int) -> list[tuple[int, bytes]]:
        self._number += 1
        if self._number == 1:
            line = line.removeprefix(BOM_UTF8)
        length = len(line) + dropped
        if length > self._longest:
            self.long_lines.append(LongLine(self.source, self._number, length))
            return [(self._number, cut(line, self._longest))]
        if not line.strip():
            self.empty += 1
            return []
        return [(self._number, line)]
