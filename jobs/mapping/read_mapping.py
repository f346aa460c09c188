"""Reads a mapping from TOML, and checks every key of it."""

import tomllib
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar

from jobs.mapping.actions import IGNORE
from jobs.mapping.errors import MappingError
from jobs.mapping.event_mapper import EventMapper
from jobs.mapping.item_mapper import ItemMapper
from jobs.mapping.tables import FILE_KEYS, EventMapping, ItemMapping, TableMapping
from jobs.mapping.times import UNITS

_Part = TypeVar("_Part", ItemMapping, EventMapping)

_TEXTS = {"file", "separator", "default_action", "time_unit", "time_format", "time_zone", "order"}
_TRUTHS = {"html", "unescape_html", "variants"}
_ALIASES = {"event_time": "time"}


def read_mapping(path: Path) -> TableMapping:
    """Read a mapping from a TOML file.

    It has a `name`, and the tables `items` and `events` with the fields of ItemMapping and
    EventMapping; `[[events]]` gives several tables of events. Raises MappingError, which names the
    key that cannot be used.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"cannot read the mapping {path}: {error}") from error
    return mapping_of(tree, str(path), path.stem)


def mapping_of(tree: dict[str, Any], source: str, name: str) -> TableMapping:
    """The mapping of a TOML tree; `source` begins each error, `name` is the name without one."""
    try:
        unknown = tree.keys() - {"name", "items", "events"}
        if unknown:
            raise MappingError(f"unknown key '{min(unknown)}'; use name, items, events")
        if "items" not in tree and "events" not in tree:
            raise MappingError("a mapping needs a table 'items' or 'events'")
        items = None
        if "items" in tree:
            items = _part(ItemMapping, "items", tree["items"])
            ItemMapper(items)
        given = tree.get("events", [])
        tables = given if isinstance(given, list) else [given]
        events = []
        for number, table in enumerate(tables, start=1):
            key = "events" if len(tables) == 1 else f"events[{number}]"
            events.append(_part(EventMapping, key, table))
            _check_events(events[-1], key)
            EventMapper(events[-1], key)
    except MappingError as error:
        raise MappingError(f"{source}: {error}") from error
    return TableMapping(str(tree.get("name", name)), items, tuple(events))


def _check_events(events: EventMapping, key: str) -> None:
    if events.action is None and events.default_action is None:
        raise MappingError(f"{key} needs the column 'action' or a 'default_action'")
    if events.item_id is None and events.text is None:
        raise MappingError(f"{key} needs the column 'item_id' or 'text'")
    if events.order not in ("time", "file"):
        raise MappingError(f"{key}.order is '{events.order}'; use time, file")
    if events.default_action == IGNORE:
        raise MappingError(f"{key}.default_action cannot be '{IGNORE}': leave 'events' out")
    if events.actions and events.action is None:
        raise MappingError(f"{key}.actions names actions, but '{key}.action' is missing")


def _part(kind: type[_Part], name: str, tree: Any) -> _Part:
    if not isinstance(tree, dict):
        raise MappingError(f"'{name}' is a table of columns, not {tree!r}")
    known: dict[str, Field[Any]] = {
        field.name: field for field in fields(kind) if field.name != "file_keys"
    }
    given: dict[str, Any] = {}
    for key, found in tree.items():
        is_alias = kind is EventMapping and key in _ALIASES
        name_here = _ALIASES[key] if is_alias else str(key)
        if name_here not in known and key not in FILE_KEYS:
            raise MappingError(f"unknown key '{name}.{key}'; use {', '.join([*known, *FILE_KEYS])}")
        if name_here in given:
            raise MappingError(f"'{name}.time' and '{name}.event_time' are one field: give one")
        given[name_here] = found
    for key, field in known.items():
        if (field.default is MISSING and field.default_factory is MISSING) and key not in given:
            raise MappingError(f"'{name}.{key}' is missing")
    file_keys = {key: given.pop(key) for key in FILE_KEYS if key in given}
    for key, found in given.items():
        _check_value(f"{name}.{key}", key, found)
    for key in ("absent", "json"):
        if key in given:
            given[key] = tuple(given[key])
    return kind(**given, file_keys=file_keys)


def _check_value(where: str, key: str, found: Any) -> None:
    if key in _TEXTS and not isinstance(found, str):
        raise MappingError(f"{where} cannot be {found!r}: give a text")
    if key in _TRUTHS and not isinstance(found, bool):
        raise MappingError(f"{where} cannot be {found!r}: give true or false")
    if key == "value_factor" and (isinstance(found, bool) or not isinstance(found, int | float)):
        raise MappingError(f"{where} cannot be {found!r}: give a number")
    if key in ("absent", "json") and not _are_texts(found):
        raise MappingError(f"{where} cannot be {found!r}: give a list of texts")
    if key == "actions" and not (isinstance(found, dict) and _are_texts(list(found.values()))):
        raise MappingError(
            f'{where} cannot be {found!r}: give a table of names and actions, addtocart = "cart"'
        )
    if key == "time_unit" and found not in UNITS:
        raise MappingError(f"{where} is '{found}'; use {', '.join(UNITS)}")


def _are_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(part, str) for part in found)
