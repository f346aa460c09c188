"""Which items may be answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb


@dataclass(frozen=True)
class ItemFilter:
    """What an item has to meet, all of it; None does not filter.

    >>> ItemFilter(languages=["de"], attributes={"format": "paperback"}).attributes
    {'format': 'paperback'}
    """

    categories: Sequence[str] | None = None
    """At least one of these."""
    languages: Sequence[str] | None = None
    """One of these."""
    attributes: Mapping[str, Any] | None = None
    """The item's attributes contain these."""
    published_after: datetime | None = None
    """Published then or later."""

    def parameters(self) -> tuple[Any, ...]:
        """Arguments of interestream.item_filter()."""
        return (
            _list(self.categories),
            _list(self.languages),
            None if self.attributes is None else Jsonb(dict(self.attributes)),
            self.published_after,
        )


def _list(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
