"""Rows of a table of cells (CSV and its like) by column."""

from collections.abc import Iterator
from pathlib import Path

from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.dataset import Record
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.reading.cells import Malformed
from jobs.datasets.reading.found_format import FoundFormat
from jobs.datasets.reading.lines import LONGEST
from jobs.datasets.reading.row_lines import RowLine, RowLines


class CellRows:
    """The rows of a table; `columns` are known once the first row is asked for.

    A row with other than one cell a column is broken: a cell that was cut in two by a line end
    would else be two rows that look whole. Empty cells behind the last column are left out, and so
    are rows of nothing but empty cells. A header between the rows, where exports were put together,
    is broken as well.
    """

    def __init__(
        self, path: Path, lines: Iterator[bytes], found: FoundFormat, encoding: str
    ) -> None:
        self._path = path
        self._form = found.form
        self._dialect = found.dialect
        self._encoding = "UTF-8" if encoding.startswith("utf-8") else encoding
        self._source = RowLines(lines, encoding, found.line_end)
        self._first: tuple[RowLine, list[str], int] | None = None
        self._header: list[str] | None = None
        self.columns = self._read_columns()

    def _read_columns(self) -> tuple[str, ...]:
        form = self._form
        named = form.columns
        while True:
            line = self._source.next_line()
            if line is None:
                return named
            # Spreadsheets name the separator in a line before the header.
            names_separator = line.number == 1 and line.text == f"sep={self._dialect.delimiter}"
            if line.text is None or (line.text.strip() and not names_separator):
                break
        found, taken = None, 1
        if line.text is not None:
            found, taken = self._source.read(line, line.text, self._dialect)
        if named and form.header is False and not isinstance(found, list):
            self._source.again(line)
            return named
        if found is None or isinstance(found, Malformed):
            reason = f"it is not {self._encoding}" if found is None else f"it has {found.reason}"
            raise DatasetFileError(
                f'the first line of {self._path} cannot be read: {reason}; quote = "" if quotes'
                " are part of the texts"
            )
        if named and len(found) != len(named):
            raise DatasetFileError(
                f"columns names {len(named)} columns ({', '.join(named)}), but the first line of"
                f" {self._path} has {len(found)} cells"
            )
        names = tuple(cell.strip() for cell in found)
        if form.header or (form.header is None and named in ((), names)):
            self._header = found
            names = named or names
            twice = next((name for name in names if name and names.count(name) > 1), None)
            if twice is not None:
                raise DatasetFileError(
                    f"{self._path} has two columns '{twice}': name all columns with"
                    " columns = [...] and header = true"
                )
            return names
        self._first = line, found, taken
        return named or tuple(str(number) for number in range(1, len(found) + 1))

    def __iter__(self) -> Iterator[Record | bytes]:
        columns, width = self.columns, len(self.columns)
        named = "" not in columns
        source, dialect = self._source, self._dialect
        quote, escape, delimiter = dialect.quote, dialect.escape, dialect.delimiter
        first = self._first
        while True:
            if first is not None:
                (line, found, taken), first = first, None
            elif (next_line := source.next_line()) is None:
                return
            else:
                line = next_line
                text = line.text
                if text is None:
                    yield self._broken(line, self._why_unread(line))
                    continue
                if not text or text.isspace():
                    continue
                if (quote and quote in text) or (escape and escape in text):
                    read, taken = source.read(line, text, dialect)
                    if isinstance(read, Malformed):
                        yield self._broken(line, read.reason)
                        continue
                    found = read
                else:
                    found, taken = text.split(delimiter), 1
            if len(found) != width:
                while len(found) > width and not found[-1]:
                    found.pop()
                if not any(found):
                    continue
                if len(found) != width:
                    if taken > 1:
                        source.put_back()
                    reason = "too few cells" if len(found) < width else "too many cells"
                    yield self._broken(line, reason)
                    continue
            if found == self._header:
                yield self._broken(line, "the header again")
                continue
            row = dict(zip(columns, found, strict=True))
            if not named:
                del row[""]
            if any(found):
                yield row

    def _broken(self, line: RowLine, reason: str) -> BrokenRow:
        return BrokenRow.of(
            line.raw.replace(b"\n", b" "), reason, f"{self._path.name}, line {line.number}"
        )

    def _why_unread(self, line: RowLine) -> str:
        if len(line.raw) > LONGEST:
            return f"longer than {LONGEST:,} bytes"
        return f"not {self._encoding}"
