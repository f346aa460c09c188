"""Any data set of two tables, in files of any format, described by a column mapping."""

import html
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import orjson
import xxhash

from jobs.datasets.dataset import Dataset, Line, PassCount, Record
from jobs.datasets.errors import MappingError
from jobs.datasets.file_format import FILE_KEYS, FileFormat, file_format
from jobs.datasets.file_rows import rows
from jobs.datasets.look_at_files import FilesLook, look_at_files
from jobs.datasets.order import by_time
from jobs.datasets.rows import TimeUnit, event_record, item_record

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class ItemMapping:
    """The columns of the items table by field; None for a field that it lacks."""

    file: str
    """Name of the file, or a pattern of several, such as `items_*.csv`."""
    item_id: str
    title: str
    text: str | None = None
    categories: str | None = None
    """A column of lists, or of texts that are split at `separator`."""
    separator: str = "|"
    language: str | None = None
    published_at: str | None = None
    group_id: str | None = None
    """Column of what the variants of an item have in common."""
    unescape_html: bool = False
    """Whether titles and texts are HTML, with `&amp;` for `&`."""
    form: FileFormat = field(default_factory=FileFormat)
    """How the file is written: the keys of FileFormat, which stand beside the others."""


@dataclass(frozen=True)
class EventMapping:
    """The columns of the events table by field; None for a field that it lacks."""

    file: str
    """Name of the file, or a pattern of several, such as `items_*.csv`."""
    user_id: str
    time: str
    item_id: str | None = None
    text: str | None = None
    action: str | None = None
    """Column of the action; an event without one has `default_action`."""
    default_action: str | None = None
    value: str | None = None
    value_factor: float = 1.0
    """Factor of every value, such as 0.5 for ratings of 0 to 10."""
    event_id: str | None = None
    """Column of the id; an event without one gets an id from the row's number and content."""
    session_id: str | None = None
    time_unit: TimeUnit = "s"
    order: Literal["time", "file"] = "time"
    """`time` sorts the events in memory, `file` keeps the order of the file."""
    form: FileFormat = field(default_factory=FileFormat)
    """How the file is written: the keys of FileFormat, which stand beside the others."""


@dataclass(frozen=True)
class TableMapping:
    """A data set's name, its items table and its events table."""

    name: str
    items: ItemMapping
    events: EventMapping


def read_mapping(path: Path) -> TableMapping:
    """Read a mapping from a TOML file.

    It has a `name`, and the tables `items` and `events` with the fields of ItemMapping and
    EventMapping. Raises MappingError, which names the key that cannot be used.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"cannot read the mapping {path}: {error}") from error
    unknown = tree.keys() - {"name", "items", "events"}
    if unknown:
        raise MappingError(f"{path}: unknown key '{min(unknown)}'; use name, items, events")
    events = _part(EventMapping, "events", tree.get("events", {}), path)
    if events.action is None and events.default_action is None:
        raise MappingError(f"{path}: events needs the column 'action' or a 'default_action'")
    if events.item_id is None and events.text is None:
        raise MappingError(f"{path}: events needs the column 'item_id' or 'text'")
    for key, found, allowed in (
        ("time_unit", events.time_unit, get_args(TimeUnit)),
        ("order", events.order, ("time", "file")),
    ):
        if found not in allowed:
            raise MappingError(f"{path}: events.{key} is '{found}'; use {', '.join(allowed)}")
    items = _part(ItemMapping, "items", tree.get("items", {}), path)
    return TableMapping(str(tree.get("name", path.stem)), items, events)


def _part(kind: type[_Part], name: str, tree: Any, path: Path) -> _Part:
    if not isinstance(tree, dict):
        raise MappingError(f"{path}: '{name}' is a table of columns, not {tree!r}")
    known = {one.name: one for one in fields(kind) if one.name != "form"}  # type: ignore[arg-type]
    form = file_format({key: tree.pop(key) for key in FILE_KEYS if key in tree}, f"{path}: {name}.")
    for key, found in tree.items():
        if key not in known:
            keys = ", ".join((*known, *FILE_KEYS))
            raise MappingError(f"{path}: unknown key '{name}.{key}'; use {keys}")
        allowed = {"value_factor": (int, float), "unescape_html": bool}.get(key, str)
        if not isinstance(found, allowed):  # type: ignore[arg-type]
            raise MappingError(f"{path}: {name}.{key} cannot be {found!r}")
    for key, one in known.items():
        if one.default is MISSING and key not in tree:
            raise MappingError(f"{path}: '{name}.{key}' is missing")
    return kind(**{**tree, "form": form})


def table(folder: Path, mapping: TableMapping) -> Dataset:
    """The data set that a mapping describes; its file names are relative to `folder`.

    Raises MappingError for a column that does not exist, DatasetFileError for a file that cannot
    be read.
    """
    items_read, events_read = PassCount(), PassCount()
    item_file, event_file = folder / mapping.items.file, folder / mapping.events.file
    items_look = _look(item_file, mapping.items, ("item_id", "title"))
    events_look = _look(event_file, mapping.events, ("user_id", "time"))

    def events() -> Iterator[Line]:
        found = _events(event_file, mapping.events, events_read)
        return found if mapping.events.order == "file" else iter(by_time(found))

    return Dataset(
        name=mapping.name,
        items=lambda: _items(item_file, mapping.items, items_read),
        events=events,
        item_rows=items_look.row_count,
        event_rows=events_look.row_count,
        items_read=items_read,
        events_read=events_read,
        notes=items_look.notes + events_look.notes,
    )


_NOT_COLUMNS = {
    "file",
    "separator",
    "unescape_html",
    "form",
    "default_action",
    "value_factor",
    "time_unit",
    "order",
}


def _look(path: Path, part: ItemMapping | EventMapping, required: tuple[str, ...]) -> FilesLook:
    wanted = {
        one.name: column
        for one in fields(part)
        if one.name not in _NOT_COLUMNS and (column := getattr(part, one.name)) is not None
    }
    return look_at_files(path, part.form, wanted, required)


def _items(path: Path, columns: ItemMapping, count: PassCount) -> Iterator[Line]:
    count.restart()
    for row in rows(path, columns.form):
        if isinstance(row, bytes):
            count.add_unread(row)
            yield row
            continue
        title, text = _get(row, columns.title), _get(row, columns.text)
        if columns.unescape_html:
            title, text = _unescaped(title), _unescaped(text)
        categories = _get(row, columns.categories) or []
        if isinstance(categories, str):
            categories = [part.strip() for part in categories.split(columns.separator)]
        elif not isinstance(categories, list):
            categories = [categories]
        record, complete = item_record(
            item_id=_get(row, columns.item_id),
            title=title,
            text=text,
            categories=categories,
            language=_get(row, columns.language),
            published_at=_get(row, columns.published_at),
            group_id=_get(row, columns.group_id),
        )
        count.add(broken=not complete)
        yield record


def _events(path: Path, columns: EventMapping, count: PassCount) -> Iterator[Line]:
    count.restart()
    for number, row in enumerate(rows(path, columns.form), start=1):
        if isinstance(row, bytes):
            count.add_unread(row)
            yield row
            continue
        event_id = _get(row, columns.event_id)
        record, complete = event_record(
            event_id=_derived_id(number, row) if event_id is None else event_id,
            user_id=_get(row, columns.user_id),
            action=_get(row, columns.action) or columns.default_action,
            item_id=_get(row, columns.item_id),
            text=_get(row, columns.text),
            time=_get(row, columns.time),
            time_unit=columns.time_unit,
            value=_get(row, columns.value),
            value_factor=columns.value_factor,
        )
        session = _get(row, columns.session_id)
        if session is not None:
            record["session_id"] = session
        count.add(broken=not complete)
        yield record


def _get(row: Record, column: str | None) -> Any:
    found = None if column is None else row.get(column)
    return None if found == "" else found


def _unescaped(found: Any) -> Any:
    return html.unescape(found) if isinstance(found, str) else found


def _derived_id(number: int, row: Record) -> str:
    """An id that is the same at every pass over the file, and differs between equal rows."""
    content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    return f"{number}-{xxhash.xxh3_64_hexdigest(content)}"
