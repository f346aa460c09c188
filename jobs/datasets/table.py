"""Any data set of tables that a mapping describes: items, and events in one or several tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from jobs.datasets.dataset import Dataset, Line, PassCount, Record
from jobs.datasets.file_format import FileFormat, file_format
from jobs.datasets.file_rows import rows
from jobs.datasets.input_files import input_files
from jobs.datasets.look_at_files import look_at_files
from jobs.datasets.order import by_time
from jobs.mapping.errors import MappingError
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import EventMapping, ItemMapping, TableMapping

_BATCH = 512
_SAMPLE = 20
"""Rows at the beginning of each file that times are checked with."""
_REQUIRED = ("item_id", "title", "user_id", "time")
"""Fields that one of the first objects of a file must have; an event may lack an item."""


@dataclass
class TableFiles:
    """A table of a mapping with its files, and the function that maps its rows."""

    name: str
    part: ItemMapping | EventMapping
    path: Path
    """A file, or a pattern of files."""
    form: FileFormat
    mapper: ItemMapper | EventMapper
    """That of the latest pass: passes may overlap, and each counts for itself."""
    row_count: int | None = None
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Record | bytes]:
        """The rows of all files; raises DatasetFileError."""
        return rows(self.path, self.form)

    def records(self, count: PassCount) -> Iterator[Line]:
        """The records of a new pass, which `count` counts."""
        self.mapper = mapper_of(self.name, self.part)
        yield from _mapped(self.rows(), self.mapper, count)


def mapper_of(name: str, part: ItemMapping | EventMapping) -> ItemMapper | EventMapper:
    """The compiled form of a table; raises MappingError."""
    return ItemMapper(part, name) if isinstance(part, ItemMapping) else EventMapper(part, name)


def table_parts(mapping: TableMapping) -> dict[str, ItemMapping | EventMapping]:
    """The tables of a mapping by the names that errors call them: items, events or events[2]."""
    parts: dict[str, ItemMapping | EventMapping] = {}
    if mapping.items is not None:
        parts["items"] = mapping.items
    for number, events in enumerate(mapping.events, start=1):
        parts["events" if len(mapping.events) == 1 else f"events[{number}]"] = events
    return parts


def open_table(
    name: str, part: ItemMapping | EventMapping, folder: Path, file: Path | None = None
) -> TableFiles:
    """A table with its files in a folder, or with `file` in their place.

    Raises MappingError for a key that cannot be used, or a column that does not exist, and
    DatasetFileError where there is no file, or one that cannot be read.
    """
    if file is None and not part.file:
        raise MappingError(f"'{name}.file' is missing, which a stream alone can do without")
    path = folder / part.file if file is None else file
    form = file_format(part.file_keys, f"{name}.")
    mapper = mapper_of(name, part)
    is_list = mapper.changes_count
    required = [key for key in _REQUIRED if not (is_list and key in ("item_id", "title"))]
    look = look_at_files(path, form, mapper.columns, required)
    return TableFiles(name, part, path, form, mapper, look.row_count, look.notes)


def table(folder: Path, mapping: TableMapping) -> Dataset:
    """The data set that a mapping describes; its file names are relative to `folder`.

    A name may hold `*` and stand for several files, in the order of their names. Raises
    MappingError for a column that does not exist and for times that are plainly described wrong,
    DatasetFileError for a file that cannot be read.
    """
    items_read, events_read = PassCount(), PassCount()
    opened = {name: open_table(name, part, folder) for name, part in table_parts(mapping).items()}
    for files in opened.values():
        if problem := check_table(files):
            raise MappingError(problem)
    tables = list(opened.values())
    item_files = opened.pop("items", None)
    in_file_order = all(part.order == "file" for part in mapping.events)

    def items() -> Iterator[Line]:
        items_read.restart()
        return iter(()) if item_files is None else item_files.records(items_read)

    def events() -> Iterator[Line]:
        events_read.restart()
        found = (line for files in opened.values() for line in files.records(events_read))
        return found if in_file_order else iter(by_time(found))

    return Dataset(
        name=mapping.name,
        items=items,
        events=events,
        item_rows=_count([] if item_files is None else [item_files]),
        event_rows=_count(list(opened.values())),
        items_read=items_read,
        events_read=events_read,
        notes=tuple(note for files in tables for note in files.notes),
        left_out=lambda: _left_out(tables),
        left_out_counts=lambda: {
            files.name: counts for files in tables if (counts := files.mapper.counts.as_dict())
        },
    )


def _mapped(
    lines: Iterable[Record | bytes], mapper: ItemMapper | EventMapper, count: PassCount
) -> Iterator[Line]:
    """The records of rows; raw bytes of lines that are no rows stay where they are."""
    batch: list[Record] = []
    for line in lines:
        if isinstance(line, dict):
            batch.append(line)
            if len(batch) < _BATCH:
                continue
        yield from _records(batch, mapper, count)
        batch = []
        if isinstance(line, bytes):
            count.add_unread(line)
            yield line
    yield from _records(batch, mapper, count)


def _records(
    batch: list[Record], mapper: ItemMapper | EventMapper, count: PassCount
) -> list[Record]:
    broken = mapper.counts.broken
    records = mapper(batch)
    count.rows += len(records)
    count.broken += mapper.counts.broken - broken
    return records


def check_table(files: TableFiles) -> str:
    """One sentence where the times of the first rows are plainly described wrong; empty without."""
    if not isinstance(files.mapper, EventMapper):
        return ""
    for path in input_files(files.path):
        found = islice(rows(path, files.form), _SAMPLE)
        first = [row for row in found if isinstance(row, dict)]
        if problem := files.mapper.advice(first):
            return f"{path.name}: {problem}"
    return ""


def _count(tables: list[TableFiles]) -> int | None:
    """Number of records, where it is that of the rows."""
    total = 0
    for files in tables:
        if files.mapper.changes_count or files.row_count is None:
            return None
        total += files.row_count
    return total


def _left_out(tables: list[TableFiles]) -> str:
    return "; ".join(filter(None, (files.mapper.counts.sentence() for files in tables)))
