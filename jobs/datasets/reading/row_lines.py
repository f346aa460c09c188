"""Lines of a file of cells, numbered and decoded, of which some can be put back."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.datasets.reading.cells import Dialect, Malformed, cells
from jobs.datasets.reading.lines import LONGEST


@dataclass(frozen=True)
class RowLine:
    """A line: its number from 1, its bytes, its text (None: not of the encoding), its end."""

    number: int
    raw: bytes
    text: str | None
    end: str


class RowLines:
    """Reads rows of cells from lines; a row whose quotes are wrong takes its first line alone.

    The lines behind it are read again as rows of their own, so that a quote that never closes
    costs one row, and no row becomes part of another one's cell.
    """

    def __init__(self, lines: Iterator[bytes], encoding: str, line_end: str) -> None:
        self._numbered = enumerate(lines, start=1)
        self._encoding = encoding
        self._line_end = line_end
        self._back: deque[RowLine] = deque()
        self._taken: list[RowLine] = []

    @property
    def taken(self) -> list[RowLine]:
        """The lines behind the first one of the last row."""
        return self._taken

    def next_line(self) -> RowLine | None:
        """The next line, or None at the end."""
        if self._back:
            return self._back.popleft()
        found = next(self._numbered, None)
        if found is None:
            return None
        number, raw = found
        end = self._line_end
        if end == "\n" and raw.endswith(b"\r"):
            raw, end = raw[:-1], "\r\n"
        try:
            text = None if len(raw) > LONGEST else raw.decode(self._encoding)
        except UnicodeDecodeError:
            text = None
        if number == 1 and text is not None:
            text = text.removeprefix("\ufeff")
        return RowLine(number, raw, text, end)

    def read(
        self, first: RowLine, text: str, dialect: Dialect
    ) -> tuple[list[str] | Malformed, int]:
        """The cells of the row that begins with a line, and how many lines it takes."""
        taken = [first]
        size = len(text)

        def more() -> str | None:
            nonlocal size
            line = self.next_line()
            if line is None:
                return None
            end = taken[-1].end
            taken.append(line)
            size += len(line.raw)
            return None if line.text is None or size > LONGEST else end + line.text

        found = cells(text, dialect, more)
        self._taken = taken[1:]
        if isinstance(found, Malformed):
            self.put_back()
        return found, len(taken)

    def again(self, line: RowLine) -> None:
        """Let a line be read again."""
        self._back.appendleft(line)

    def put_back(self) -> None:
        """Let the lines behind the first one of the last row be read again."""
        self._back.extendleft(reversed(self._taken))
        self._taken = []
