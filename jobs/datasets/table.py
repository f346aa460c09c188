"""Any data set of tables that a mapping describes: items, and events in one or several tables."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from jobs.datasets.dataset import Dataset, Line, PassCount, Record
from jobs.datasets.errors import DatasetFileError
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


def table(folder: Path, mapping: TableMapping) -> Dataset:
    """The data set that a mapping describes; its file names are relative to `folder`.

    A name may hold `*` and stand for several files, in the order of their names. Raises
    MappingError for a column that does not exist and for times that are plainly described wrong,
    DatasetFileError for a file that cannot be read.
    """
    items_read, events_read = PassCount(), PassCount()
    parts = mapping.events
    keys = ["events" if len(parts) == 1 else f"events[{n + 1}]" for n in range(len(parts))]
    event_mappers = [EventMapper(part, key) for part, key in zip(parts, keys, strict=True)]
    event_files = [table_files(folder, part.file) for part in parts]
    item_mapper = None if mapping.items is None else ItemMapper(mapping.items)
    item_files = [] if mapping.items is None else table_files(folder, mapping.items.file)
    if mapping.items is not None and item_mapper is not None:
        _check(item_files, mapping.items, item_mapper)
    for files, part, mapper in zip(event_files, parts, event_mappers, strict=True):
        _check(files, part, mapper)

    def items() -> Iterator[Line]:
        items_read.restart()
        if mapping.items is None or item_mapper is None:
            return iter(())
        return _mapped(item_files, mapping.items, item_mapper, items_read)

    def events() -> Iterator[Line]:
        events_read.restart()
        tables = zip(event_files, parts, event_mappers, strict=True)
        found = (line for each in tables for line in _mapped(*each, events_read))
        if all(part.order == "file" for part in parts):
            return found
        return iter(by_time(found))

    return Dataset(
        name=mapping.name,
        items=items,
        events=events,
        item_rows=_count(item_files, item_mapper, mapping.items),
        event_rows=None if len(parts) != 1 else _count(event_files[0], event_mappers[0], parts[0]),
        items_read=items_read,
        events_read=events_read,
        left_out=lambda: _left_out(item_mapper, event_mappers),
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


def mapped(
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


def _mapped(
    files: list[Path],
    part: ItemMapping | EventMapping,
    mapper: ItemMapper | EventMapper,
    count: PassCount,
) -> Iterator[Line]:
    mapper.restart()
    yield from mapped((row for path in files for row in rows(path, part.form)), mapper, count)


def _check(
    files: list[Path], part: ItemMapping | EventMapping, mapper: ItemMapper | EventMapper
) -> None:
    if problem := check_part(files, part, mapper):
        raise MappingError(problem)


def check_part(
    files: list[Path], part: ItemMapping | EventMapping, mapper: ItemMapper | EventMapper
) -> str:
    """One sentence where the times of the first rows are plainly described wrong; empty without.

    Raises MappingError for a column that the first row of a table lacks.
    """
    for path in files:
        first = [row for row in islice(rows(path, part.form), _SAMPLE) if isinstance(row, dict)]
        if not first:
            continue
        if not _without_columns(path, part) and (problem := mapper.check_columns(first[0])):
            raise MappingError(f"{path.name} {problem}")
        if isinstance(mapper, EventMapper) and (problem := mapper.advice(first)):
            return f"{path.name}: {problem}"
    return ""


def _without_columns(path: Path, part: ItemMapping | EventMapping) -> bool:
    """Whether rows are objects, which may lack any member."""
    if part.form.format is not None:
        return part.form.format in _WITHOUT_COLUMNS
    return is_ndjson(path) or ".json" in path.suffixes


def _count(
    files: list[Path],
    mapper: ItemMapper | EventMapper | None,
    part: ItemMapping | EventMapping | None,
) -> int | None:
    """Number of records, where it is that of the lines."""
    if mapper is None or part is None:
        return 0
    if mapper.changes_count or part.form.format not in (None, "csv"):
        return None
    counts = [count_rows(path, header_lines=int(not is_ndjson(path))) for path in files]
    return None if None in counts else sum(count or 0 for count in counts)


def _left_out(item_mapper: ItemMapper | None, event_mappers: list[EventMapper]) -> str:
    mappers: list[ItemMapper | EventMapper] = [*event_mappers]
    if item_mapper is not None:
        mappers.insert(0, item_mapper)
    return "; ".join(filter(None, (mapper.counts.sentence() for mapper in mappers)))
