"""What a command says of the items that it wants: a filter as JSON, and quotas."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from interestream.item_filter import ItemFilter
from jobs.errors import ConfigError

_NAMES = {field.name for field in fields(ItemFilter)}
_LISTS = ("categories", "languages", "types", "not_categories", "not_words", "not_types")
_OBJECTS = ("attributes", "ranges", "not_attributes")


def read_filter(text: str) -> ItemFilter:
    """The filter of a JSON object whose members are the fields of `ItemFilter`.

    Raises ConfigError, which names what cannot be used.

    >>> read_filter('{"not_words": ["horror"]}').not_words
    ['horror']
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"--filter is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise ConfigError('--filter needs a JSON object, such as {"not_words": ["horror"]}')
    for name, value in given.items():
        if name not in _NAMES:
            raise ConfigError(f"--filter knows no '{name}': use {', '.join(sorted(_NAMES))}")
        if name in _LISTS and not _is_list_of_texts(value):
            raise ConfigError(f"--filter: {name} needs a list of texts")
        if name in _OBJECTS and not isinstance(value, dict):
            raise ConfigError(f"--filter: {name} needs an object")
    if not _are_ranges(given.get("ranges", {})):
        raise ConfigError(
            '--filter: ranges needs an object of bounds for each attribute, such as {"price":'
            ' {"min": 5, "below": 20}}'
        )
    for name in ("published_after", "published_before"):
        if name in given:
            given[name] = _moment(name, given[name])
    return ItemFilter(**given)


def read_quotas(texts: Sequence[str]) -> dict[str, int]:
    """The quotas of texts TYPE=NUMBER; raises ConfigError for another text.

    >>> read_quotas(["course=2", "article=1"])
    {'course': 2, 'article': 1}
    """
    quotas = {}
    for text in texts:
        name, _, count = text.rpartition("=")
        if not name or not count.isascii() or not count.isdigit():
            raise ConfigError(f"--quota needs a type of items and a number, as course=2: {text!r}")
        quotas[name] = int(count)
    return quotas


def filter_argument(chosen: ItemFilter | None) -> tuple[sql.Composable, list[Any]]:
    """The filter as an argument of an SQL function, and the values of its placeholders."""
    if chosen is None:
        return sql.SQL("NULL"), []
    parts, values = [], []
    for name, (value, kind) in chosen.arguments().items():
        parts.append(sql.SQL("{} => {}::" + kind).format(sql.Identifier(name), sql.Placeholder()))
        values.append(value)
    return sql.SQL("interestream.item_filter({})").format(sql.SQL(", ").join(parts)), values


def why_none_passes(db: psycopg.Connection, chosen: ItemFilter) -> str | None:
    """A sentence that says which condition no item meets; None where some items pass."""
    argument, values = filter_argument(chosen)
    query = sql.SQL("SELECT interestream.no_item_passes({})").format(argument)
    (why,) = db.execute(query, values).fetchone() or (None,)
    return why if why is None else str(why)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_ranges(value: Mapping[str, Any]) -> bool:
    return all(
        isinstance(bounds, dict) and all(type(bound) in (int, float) for bound in bounds.values())
        for bounds in value.values()
    )


def _moment(name: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"--filter: {name} is no time in RFC 3339: {value!r}") from error
    if moment.tzinfo is None:
        raise ConfigError(f"--filter: {name} needs an offset, as 2026-03-01T00:00:00Z: {value!r}")
    return moment
