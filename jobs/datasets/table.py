"""Any data set of tables that a mapping describes: items, and events in one or several tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from jobs.datasets.dataset import Dataset, Line, PassCount, Record
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.file_format import FileFormat, file_format
from jobs.datasets.file_rows import is_ndjson, rows
from jobs.datasets.files import count_rows
from jobs.datasets.order import by_time
from jobs.mapping.errors import MappingError
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import EventMapping, ItemMapping, TableMapping

_BATCH = 512
_SAMPLE = 20
"""Rows at the beginning that columns and times are checked with."""
_WITHOUT_COLUMNS = {"json", "ndjson", "jsonl", "python"}


@dataclass
class TableFiles:
    """A table of a mapping with its files, and the function that maps its rows."""

    name: str
    part: ItemMapping | EventMapping
    paths: list[Path]
    form: FileFormat
    mapper: ItemMapper | EventMapper
    """That of the latest pass: passes may overlap, and each counts for itself."""

    def rows(self) -> Iterator[Record | bytes]:
        """The rows of all files; raises DatasetFileError."""
        return (row for path in self.paths for row in rows(path, self.form))

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
    name: str, part: ItemMapping | EventMapping, folder: Path, paths: list[Path] | None = None
) -> TableFiles:
    """A table with its files in a folder, or with `paths` in their place.

    Raises MappingError for a key that cannot be used, DatasetFileError where there is no file.
    """
    found = table_files(folder, part.file) if paths is None else paths
    form = file_format(part.file_keys, f"{name}.")
    return TableFiles(name, part, found, form, mapper_of(name, part))


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
        left_out=lambda: _left_out(
            [*([] if item_files is None else [item_files]), *opened.values()]
        ),
    )


def table_files(folder: Path, name: str) -> list[Path]:
    """The files of a table: one, or all that a name with `*`, `?` or `[` fits.

    Raises DatasetFileError where there is none.
    """
    if not set("*?[") & set(name) or (folder / name).exists():
        return [folder / name]
    found = sorted(path for path in folder.glob(name) if path.is_file())
    if not found:
        raise DatasetFileError(f"{folder} has no file '{name}', which the mapping names")
    return found


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
            count.add(broken=True)
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
    """One sentence where the times of the first rows are plainly described wrong; empty without.

    Raises MappingError for a column that the first row of a table lacks.
    """
    for path in files.paths:
        found = islice(rows(path, files.form), _SAMPLE)
        first = [row for row in found if isinstance(row, dict)]
        if not first:
            continue
        if not _without_columns(path, files.form) and (
            problem := files.mapper.check_columns(first[0])
        ):
            raise MappingError(f"{path.name} {problem}")
        if isinstance(files.mapper, EventMapper) and (problem := files.mapper.advice(first)):
            return f"{path.name}: {problem}"
    return ""


def _without_columns(path: Path, form: FileFormat) -> bool:
    """Whether rows are objects, which may lack any member."""
    if form.format is not None:
        return form.format in _WITHOUT_COLUMNS
    return is_ndjson(path) or ".json" in path.suffixes


def _count(tables: list[TableFiles]) -> int | None:
    """Number of records, where it is that of the lines."""
    total = 0
    for files in tables:
        if files.mapper.changes_count or files.form.format not in (None, "csv"):
            return None
        for path in files.paths:
            count = count_rows(path, header_lines=int(not is_ndjson(path)))
            if count is None:
                return None
            total += count
    return total


def _left_out(tables: list[TableFiles]) -> str:
    return "; ".join(filter(None, (files.mapper.counts.sentence() for files in tables)))
