"""Reads the files of a data set, compressed or not."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from jobs.datasets.errors import DatasetFileError
from jobs.datasets.reading.plain_bytes import READ_ERRORS, is_compressed, plain_bytes


def text_lines(path: Path) -> Iterator[str]:
    """Lines of a text file, which may be compressed; bytes that are not UTF-8 become `\\xNN`.

    Raises DatasetFileError.
    """
    number = 0
    try:
        with plain_bytes(path) as raw:
            text = TextIOWrapper(raw, encoding="utf-8-sig", errors="backslashreplace", newline="")
            for number, line in enumerate(text, start=1):  # noqa: B007
                yield line
    except READ_ERRORS as error:
        raise DatasetFileError(f"cannot read {path} after line {number}: {error}") from error


def byte_lines(path: Path) -> Iterator[bytes]:
    """Lines of a file, which may be compressed, as bytes without line end and byte order mark.

    Raises DatasetFileError.
    """
    number = 0
    try:
        with plain_bytes(path) as raw:
            for number, line in enumerate(raw, start=1):
                bare = line.removesuffix(b"\n").removesuffix(b"\r")
                yield bare.removeprefix(BOM_UTF8) if number == 1 else bare
    except READ_ERRORS as error:
        raise DatasetFileError(f"cannot read {path} after line {number}: {error}") from error


def count_rows(path: Path, header_lines: int = 0) -> int | None:
    """Number of lines without the header; None for a compressed file, which would take a pass."""
    if is_compressed(path):
        return None
    with path.open("rb") as file:
        lines, last = 0, b"\n"
        while block := file.read(1 << 20):
            lines += block.count(b"\n")
            last = block[-1:]
    return max(lines + (last != b"\n") - header_lines, 0)
