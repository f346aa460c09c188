"""Which items may be in an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb


@dataclass(frozen=True)
class ItemFilter:
    """What an item must meet, all of it. A field that is None or empty does not filter.

    >>> ItemFilter(languages=["de"], ranges={"price": {"min": 5, "below": 20}}).ranges
    {'price': {'min': 5, 'below': 20}}
    """

    categories: Sequence[str] | None = None
    """The item has at least one of these."""
    languages: Sequence[str] | None = None
    """The item is in one of these."""
    attributes: Mapping[str, Any] | None = None
    """The item's attributes contain these (JSON containment)."""
    published_after: datetime | None = None
    """The item was published at this time or later."""
    published_before: datetime | None = None
    """The item was published before this time."""
    ranges: Mapping[str, Mapping[str, float]] | None = None
    """These attributes are numbers within their bounds: `min` and `max` include the bound, `above`
    and `below` do not."""
    types: Sequence[str] | None = None
    """The item is of one of these types: its attribute `type`, or else its first category."""
    not_categories: Sequence[str] | None = None
    """The item has none of these."""
    not_words: Sequence[str] | None = None
    """Neither title nor text has one of these words or phrases, in upper or lower case."""
    not_attributes: Mapping[str, Any] | None = None
    """The item's attributes have none of these values; a list names several."""
    not_types: Sequence[str] | None = None
    """The item is of none of these types."""

    def arguments(self) -> dict[str, tuple[Any, str]]:
        """Return the arguments of `interestream.item_filter()` that are given, with their types."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            f"p_{name}": _as_parameter(value) for name, value in given.items() if value is not None
        }


def _as_parameter(value: Any) -> tuple[Any, str]:
    # Postgres cannot infer the type of an empty array.
    if isinstance(value, datetime):
        return value, "timestamptz"
    if isinstance(value, Mapping):
        return Jsonb({name: _plain(each) for name, each in value.items()}), "jsonb"
    return list(value), "text[]"


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
