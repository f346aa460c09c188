"""Looks at the files of a mapping before anything is fed: columns, rows, and what was found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.datasets.file_format import FileFormat
from jobs.datasets.file_rows import rows_of, text_bytes
from jobs.datasets.files import count_rows
from jobs.datasets.input_files import input_files
from jobs.datasets.reading.cell_rows import CellRows
from jobs.datasets.reading.found_format import FoundFormat, find_format
from jobs.datasets.reading.lines import lines
from jobs.datasets.reading.parquet_rows import parquet_columns
from jobs.datasets.reading.plain_bytes import READ_ERRORS, is_compressed

_FIRST = 200
"""Objects that are looked at: in the first one a field may be absent."""


@dataclass(frozen=True)
class FilesLook:
    """What is known of the files that a path stands for."""

    row_count: int | None
    """About how many rows there are, for a progress bar; None where that would take a pass."""
    notes: tuple[str, ...]
    """Sentences on what was found and not said: how many files, which format, which quotes."""


def look_at_files(
    path: Path, form: FileFormat, wanted: Mapping[str, str], required: Collection[str] = ()
) -> FilesLook:
    """Check that each file has the columns of a mapping.

    `wanted` gives the column of each field. Objects may lack any field; of those, the columns of
    `required` fields must be in one of the first objects. Raises MappingError for a column that
    does not exist, DatasetFileError for a file that is missing, empty or cannot be read.
    """
    files = input_files(path)
    notes: list[str] = []
    if len(files) > 1:
        names = ", ".join(file.name for file in files[:3])
        more = ", ..." if len(files) > 3 else ""
        notes.append(f"{len(files)} files fit {path.name}, and are read by name: {names}{more}")
    count: int | None = 0
    empty = 0
    for file in files:
        found = find_format(file, form)
        if found is None:
            empty += 1
            notes.append(f"{file.name} is empty")
            continue
        notes += found.notes
        columns = _columns(file, found)
        if columns is None:
            _check_objects(file, found, {key: wanted[key] for key in required if key in wanted})
        else:
            _check(file, found, wanted, columns)
        rows_here = _count(file, found)
        count = None if count is None or rows_here is None else count + rows_here
    if empty == len(files):
        raise DatasetFileError(f"{path} is empty")
    return FilesLook(count, tuple(dict.fromkeys(notes)))


def _columns(path: Path, found: FoundFormat) -> tuple[str, ...] | None:
    """The names of the columns; None for objects, each of which has its own."""
    if found.form.format == "parquet":
        return parquet_columns(path)[0]
    if found.form.format not in ("csv", "tsv"):
        return None
    try:
        with text_bytes(path, found) as (stream, encoding):
            end = found.line_end.encode()
            return CellRows(path, lines(stream, end), found, encoding).columns
    except (*READ_ERRORS, UnicodeDecodeError) as error:
        raise DatasetFileError(f"cannot read {path}: {error}") from error


def _check(
    path: Path, found: FoundFormat, wanted: Mapping[str, str], columns: tuple[str, ...]
) -> None:
    for field, column in wanted.items():
        if column not in columns:
            hint = ""
            if found.form.header is None and not found.form.columns and found.form.delimiter:
                hint = (
                    ". Where the first line is no header, name the columns:"
                    ' columns = ["...", "..."]'
                )
            raise MappingError(
                f"{path.name} has no column '{column}' (for {field}); it has {_some(columns)}{hint}"
            )


def _check_objects(path: Path, found: FoundFormat, wanted: Mapping[str, str]) -> None:
    first = [row for row in islice(rows_of(path, found), _FIRST) if isinstance(row, dict)]
    for field, column in wanted.items():
        if first and not any(column in row for row in first):
            names = tuple(dict.fromkeys(name for row in first for name in row))
            raise MappingError(
                f"{path.name} has no field '{column}' (for {field}) in its first {len(first)}"
                f" objects; they have {_some(names)}"
            )


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(name[:60] for name in names[:20])
    return shown + (", ..." if len(names) > 20 else "")


def _count(path: Path, found: FoundFormat) -> int | None:
    form = found.form
    if form.format == "parquet":
        return parquet_columns(path)[1]
    if form.format == "json" or found.line_end != "\n" or is_compressed(path):
        return None
    has_header = form.format in ("csv", "tsv") and form.header is not False and not form.columns
    return count_rows(path, header_lines=int(has_header))
