"""Reads the rows of files as they are: tables of cells, JSON, Python literals, Parquet."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from jobs.datasets.dataset import Record
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.file_format import FileFormat
from jobs.datasets.input_files import input_files
from jobs.datasets.reading.cell_rows import CellRows
from jobs.datasets.reading.errors import NoListError
from jobs.datasets.reading.found_format import FoundFormat, find_format
from jobs.datasets.reading.json_elements import json_elements
from jobs.datasets.reading.lines import Transcoded, is_wide, lines
from jobs.datasets.reading.object_rows import READERS, object_rows
from jobs.datasets.reading.parquet_rows import parquet_rows
from jobs.datasets.reading.plain_bytes import READ_ERRORS, plain_bytes


def rows(path: Path, form: FileFormat) -> Iterator[Record | bytes]:
    """The rows of a file, or of all files that fit a pattern: a record each, or a BrokenRow.

    A broken row is its raw bytes, without a line feed, so that the job makes it a dead letter; it
    stops nothing. Raises DatasetFileError for a file that is missing, is not what it says, or
    ends before its end: then the message says how many rows were read.
    """
    for file in input_files(path):
        found = find_format(file, form)
        if found is not None:
            yield from _rows_of(file, found)


def _rows_of(path: Path, found: FoundFormat) -> Iterator[Record | bytes]:
    form = found.form
    if form.format == "parquet":
        yield from parquet_rows(path)
        return
    count = 0
    try:
        with text_bytes(path, found) as (stream, encoding):
            for row in _read(path, stream, encoding, found):
                yield row
                count += 1
    except NoListError as error:
        raise DatasetFileError(f"{path} {error}") from error
    except (*READ_ERRORS, UnicodeError) as error:
        raise DatasetFileError(f"cannot read {path} after row {count:,}: {error}") from error


@contextlib.contextmanager
def text_bytes(path: Path, found: FoundFormat) -> Iterator[tuple[BinaryIO, str]]:
    """The plain bytes of a text file with their encoding, which line ends can be looked for in."""
    encoding = found.form.encoding or "utf-8"
    with plain_bytes(path) as stream:
        if is_wide(encoding):
            yield cast(BinaryIO, io.BufferedReader(Transcoded(stream, encoding))), "utf-8"
        else:
            yield stream, encoding


def _read(
    path: Path, stream: BinaryIO, encoding: str, found: FoundFormat
) -> Iterator[Record | bytes]:
    kind = found.form.format or "csv"
    if kind in ("csv", "tsv"):
        yield from CellRows(path, lines(stream, found.line_end.encode()), found, encoding)
    elif kind == "json":
        place = f"{path.name}, element"
        yield from object_rows(json_elements(stream), READERS[kind], encoding, place)
    else:
        place = f"{path.name}, line"
        yield from object_rows(lines(stream), READERS[kind], encoding, place)
