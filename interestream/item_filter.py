"""Which items may be in an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb


@dataclass(frozen=True)
class ItemFilter:
    """What an item must meet, all of it. A field that is None or empty does not filter.

    >>> ItemFilter(languages=["de"], attributes={"format": "paperback"}).attributes
    {'format': 'paperback'}
    """

    categories: Sequence[str] | None = None
    """The item has at least one of these."""
    languages: Sequence[str] | None = None
    """The item is in one of these."""
    attributes: Mapping[str, Any] | None = None
    """The item's attributes contain these (JSON containment)."""
    published_after: datetime | None = None
    """The item was published at this time or later."""

    def parameters(self) -> tuple[Any, ...]:
        """Return the arguments of `interestream.item_filter()`, in its order."""
        return (
            _list(self.categories),
            _list(self.languages),
            None if self.attributes is None else Jsonb(dict(self.attributes)),
            self.published_after,
        )


def _list(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
