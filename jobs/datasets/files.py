"""Opening the files of a data set."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from jobs.datasets.errors import DatasetFileError


def text_lines(path: Path) -> Iterator[str]:
    """Lines of a text file, packed or not. Bytes that are no UTF-8 stay readable as `\\xNN`."""
    number = 0
    try:
        packed = path.suffix == ".gz"
        with gzip.open(path, "rb") if packed else path.open("rb") as raw:
            text = TextIOWrapper(raw, encoding="utf-8-sig", errors="backslashreplace", newline="")
            for number, line in enumerate(text, start=1):  # noqa: B007
                yield line
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetFileError(f"cannot read {path} after line {number}: {error}") from error


def csv_rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Rows of a CSV file with a header; the columns that a short row lacks are absent."""
    reader = csv.DictReader(text_lines(path), delimiter=delimiter)
    try:
        for row in reader:
            yield {name: found for name, found in row.items() if name and found is not None}
    except csv.Error as error:
        raise DatasetFileError(f"{path}, line {reader.line_num}: {error}") from error


def count_rows(path: Path, header_lines: int = 0) -> int | None:
    """Lines of a plain file without its header; None for a packed one, which costs a pass."""
    if path.suffix == ".gz":
        return None
    with path.open("rb") as file:
        lines, last = 0, b"\n"
        while block := file.read(1 << 20):
            lines += block.count(b"\n")
            last = block[-1:]
    return max(lines + (last != b"\n") - header_lines, 0)
