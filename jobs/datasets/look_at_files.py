"""Looks at the files of a mapping before anything is fed: columns, rows, and what was found."""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from jobs.datasets.errors import DatasetFileError, MappingError
from jobs.datasets.file_format import FileFormat
from jobs.datasets.file_rows import rows, text_bytes
from jobs.datasets.files import count_rows
from jobs.datasets.input_files import input_files
from jobs.datasets.reading.cell_rows import CellRows
from jobs.datasets.reading.found_format import FoundFormat, find_format
from jobs.datasets.reading.lines import lines
from jobs.datasets.reading.parquet_rows import parquet_columns
from jobs.datasets.reading.plain_bytes import READ_ERRORS, is_compressed
from jobs.datasets.twins import refuse_twins

Wanted = Sequence[tuple[str, tuple[str, ...]]]
"""Fields with their columns, or paths into them; one of each field's columns is enough."""

_PREAMBLE = 20
"""Lines that are looked at where the first one is no header."""
_FIRST = 200
"""Objects that are looked at: in the first one a field may be absent."""

_HINTS = {
    "json": "It is read as the first list of objects in the document: say format ="
    ' "jsonl" if each line is a row',
    "jsonl": 'It is read as an object a line: say format = "json" if a list within holds the rows',
}


@dataclass(frozen=True)
class FilesLook:
    """What is known of one file, or of all that a path stands for."""

    format: str
    """csv, tsv, jsonl, json, parquet or python; of several files that of the first."""
    columns: tuple[str, ...] | None
    """The names of the columns, of several files those of the first; None for objects."""
    row_count: int | None
    """About how many rows there are, for a progress bar; None where that would take a pass."""
    notes: tuple[str, ...]
    """Sentences on what was found and not said: how many files, which format, which quotes."""


def look_at_file(path: Path, form: FileFormat) -> FilesLook | None:
    """What is known of one file; None for an empty one. Raises DatasetFileError."""
    found = find_format(path, form)
    if found is None:
        return None
    kind = found.form.format or "csv"
    return FilesLook(kind, _columns(path, found), _count(path, found), found.notes)


def look_at_files(
    path: Path, form: FileFormat, wanted: Wanted, required: Collection[str] = ()
) -> FilesLook:
    """Check that each file has the columns of a mapping.

    Objects may lack any field; of those, the columns of
    `required` fields must be in one of the first objects. Raises MappingError for a column that
    does not exist, DatasetFileError for a file that is missing, empty, cannot be read, or is there
    a second time, compressed.
    """
    files = input_files(path)
    refuse_twins(files)
    looks: list[FilesLook] = []
    notes: list[str] = []
    if len(files) > 1:
        names = ", ".join(file.name for file in files[:3])
        more = ", ..." if len(files) > 3 else ""
        notes.append(f"{len(files)} files fit {path.name}, and are read by name: {names}{more}")
    for file in files:
        look = look_at_file(file, form)
        if look is None:
            notes.append(f"{file.name} is empty")
            continue
        looks.append(look)
        notes += look.notes
        if look.columns is None:
            _check_objects(
                file, form, [one for one in wanted if one[0] in required], _HINTS.get(look.format)
            )
        else:
            may_lack_header = form.header is None and not form.columns and look.format != "parquet"
            _check(file, wanted, look.columns, form if may_lack_header else None)
    if not looks:
        raise DatasetFileError(f"{path} is empty")
    counts = [look.row_count for look in looks]
    total = None if None in counts else sum(count or 0 for count in counts)
    return FilesLook(looks[0].format, looks[0].columns, total, tuple(dict.fromkeys(notes)))


def _columns(path: Path, found: FoundFormat) -> tuple[str, ...] | None:
    """The names of the columns; None for objects, since each one has its own names."""
    if found.form.format == "parquet":
        return parquet_columns(path)[0]
    if found.form.format not in ("csv", "tsv"):
        return None
    try:
        with text_bytes(path, found) as (stream, encoding):
            end = found.line_end.encode()
            return CellRows(path, lines(stream, end), found, encoding).columns
    except (*READ_ERRORS, UnicodeError) as error:
        raise DatasetFileError(f"cannot read {path}: {error}") from error


def _header_hint(path: Path, form: FileFormat, wanted: Wanted) -> str:
    """What to do where the first line is no header: lines before it, or none at all."""
    found = find_format(path, form)
    texts: list[str] = []
    if found is not None:
        with (
            contextlib.suppress(*READ_ERRORS, UnicodeError),
            text_bytes(path, found) as (stream, encoding),
        ):
            for line in islice(lines(stream, found.line_end.encode()), _PREAMBLE):
                texts.append(line.decode(encoding, "replace"))
    for number, text in enumerate(texts[1:], start=2):
        if all(any(name in text for name in group) for _, group in wanted):
            return f". Line {number} looks like the header: delete the lines before it"
    return '. Where the first line is no header, name the columns: columns = ["...", "..."]'


def _check(
    path: Path, wanted: Wanted, columns: tuple[str, ...], maybe_headless: FileFormat | None
) -> None:
    for field, group in wanted:
        if not any(_begins(column, columns) for column in group):
            hint = "" if maybe_headless is None else _header_hint(path, maybe_headless, wanted)
            raise MappingError(
                f"{path.name} has no column {_either(group)} (for {field}); it has"
                f" {_some(columns)}{hint}"
            )


def _check_objects(path: Path, form: FileFormat, wanted: Wanted, other: str | None) -> None:
    first = [row for row in islice(rows(path, form), _FIRST) if isinstance(row, dict)]
    for field, group in wanted:
        if first and not any(_begins(column, row) for row in first for column in group):
            names = tuple(dict.fromkeys(name for row in first for name in row))
            hint = f". {other}" if other and form.format is None and len(first) < _FIRST else ""
            raise MappingError(
                f"{path.name} has no field {_either(group)} (for {field}) in its first {len(first)}"
                f" objects; they have {_some(names)}"
                f"{hint}"
            )


def _begins(column: str, names: Collection[str]) -> bool:
    """Whether there is a column of this name, or one that a path of this form begins at."""
    return column in names or column.replace("[", ".").partition(".")[0] in names


def _either(group: tuple[str, ...]) -> str:
    return " or ".join(f"'{column}'" for column in group)


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
