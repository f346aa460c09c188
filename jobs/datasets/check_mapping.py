"""Shows what a mapping makes of the first rows of a file, and what the job would not accept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.judges import Judge
from jobs.datasets.dataset import line_bytes
from jobs.datasets.input_files import input_files
from jobs.datasets.table import TableFiles, check_table, open_table, table_parts
from jobs.mapping.errors import MappingError
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import TableMapping


@dataclass(frozen=True)
class MappedRow:
    """A row as it stands, the records that it becomes, and why the job would not accept these."""

    number: int
    before: Any
    after: list[Any]
    dead: list[str | None]
    """A reason for each record; None for one that is accepted."""


@dataclass
class TableCheck:
    """What a table of a mapping makes of the first rows of its files."""

    table: str
    files: list[str]
    rows: int = 0
    records: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    """Records that would not be accepted, by reason."""
    shown: list[MappedRow] = field(default_factory=list)
    """The first rows, and the first rows with a record that would not be accepted."""
    left_out: str = ""
    left_out_counts: dict[str, object] = field(default_factory=dict)
    same_ids: int = 0
    """Events with the id of another event of their user: these count once."""
    notes: tuple[str, ...] = ()
    """How the files are read, as far as nobody said it, in sentences."""
    problem: str = ""
    """What is plainly wrong with the times, as a sentence; empty where nothing is."""


def check_mapping(
    mapping: TableMapping,
    path: Path,
    judges: Callable[[str], Judge],
    *,
    only: str | None = None,
    limit: int = 1_000,
    keep: int = 10,
) -> list[TableCheck]:
    """Map the first `limit` rows of a file, or of the files of a folder, and judge each record.

    `judges` gives the judge of a stream, `items` or `events`. A file is read as the tables whose
    name of a file it has, or as `only` (`items`, `events`, `events[2]`). Raises MappingError where
    no table fits and DatasetFileError for a file that cannot be read.
    """
    checks = []
    for name, files in _tables(mapping, path, only).items():
        check = TableCheck(name, [file.name for file in input_files(files.path)])
        check.notes = files.notes
        check.problem = check_table(files)
        judge = judges(name.partition("[")[0])
        _fill(check, islice(files.rows(), limit), files.mapper, judge, keep)
        checks.append(check)
    return checks


def _tables(mapping: TableMapping, path: Path, only: str | None) -> dict[str, TableFiles]:
    parts = table_parts(mapping)
    if only is not None:
        if only not in parts:
            raise MappingError(f"'{mapping.name}' has no table '{only}'; it has {', '.join(parts)}")
        parts = {only: parts[only]}
    if path.is_dir():
        return {name: open_table(name, part, path) for name, part in parts.items()}
    if len(parts) > 1:
        fitting = {name: part for name, part in parts.items() if fnmatch(path.name, part.file)}
        if not fitting:
            raise MappingError(
                f"{path.name} is the file of no table of '{mapping.name}': say which one to check"
                f" with --table, {' or '.join(parts)}"
            )
        parts = fitting
    return {name: open_table(name, part, path.parent, path) for name, part in parts.items()}


def _fill(
    check: TableCheck, found: Any, mapper: ItemMapper | EventMapper, judge: Judge, keep: int
) -> None:
    ids: Counter[tuple[str, str]] = Counter()
    failing = 0
    for number, row in enumerate(found, start=1):
        records = [row] if isinstance(row, bytes) else mapper([row])
        reasons: list[str | None] = []
        for line in records:
            letters = judge([line_bytes(line) if isinstance(line, bytes) else _as_line(line)])
            reasons.append(_why(letters[0]) if letters else None)
            check.dead.update(letter.reason for letter in letters)
        check.rows += 1
        check.records += len(records)
        ids.update(
            (str(record.get("user_id")), str(record["event_id"]))
            for record in records
            if isinstance(record, dict) and "event_id" in record
        )
        is_failing = any(reasons)
        if number <= keep or (is_failing and failing < keep):
            check.shown.append(
                MappedRow(number, _readable(row), [_readable(one) for one in records], reasons)
            )
        failing += is_failing
    check.same_ids = ids.total() - len(ids)
    check.left_out = mapper.counts.sentence()
    check.left_out_counts = mapper.counts.as_dict()


def _why(letter: DeadLetter) -> str:
    return f"{letter.reason} ({letter.detail})" if letter.detail else letter.reason


def _as_line(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, default=str)


def _readable(found: Any) -> Any:
    """A row as JSON has it; raw bytes as text."""
    if isinstance(found, bytes):
        return found.decode(errors="backslashreplace")
    return orjson.loads(orjson.dumps(found, default=str))
