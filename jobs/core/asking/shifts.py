"""Bounds of what a follow-up moves against the list before: `shorter`, `newer`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from jobs.core.asking.find_filters import CatalogueWords, Quantities, attribute_of
from jobs.core.asking.request import Bound, Shift


@dataclass(frozen=True)
class ShownItem:
    """What is known of an item of the list before."""

    attributes: Mapping[str, Any]
    published_at: datetime | None


def bounds_of_shifts(
    shifts: Iterable[Shift],
    shown: Sequence[ShownItem],
    words: CatalogueWords,
    quantities: Quantities,
) -> tuple[list[Bound], list[str]]:
    """Return the bounds that the shifts set, and the texts of those that set none.

    A shift goes beyond the median of the list: at least half of it does not meet the bound.

    >>> items = [ShownItem({"price": price}, None) for price in (10, 20, 30)]
    >>> bounds_of_shifts([Shift("price", False, "cheap")], items,
    ...     CatalogueWords(numbers=("price",)), {"price": {"price": 1}})
    ([Bound(quantity='price', lowest=None, highest=19.99, currency=None)], [])
    """
    bounds = []
    texts = []
    for shift in shifts:
        values = _values(shift, shown, words, quantities)
        if not values:
            texts.append(shift.text)
            continue
        middle = float(median(values))
        # A cent, a year, a page: what is below the median by as little as people count.
        step = 0.01 if shift.quantity == "price" else 1.0
        if shift.upwards:
            bounds.append(Bound(str(shift.quantity), lowest=round(middle + step, 2)))
        else:
            bounds.append(Bound(str(shift.quantity), highest=round(middle - step, 2)))
    return bounds, texts


def _values(
    shift: Shift, shown: Sequence[ShownItem], words: CatalogueWords, quantities: Quantities
) -> list[float]:
    """What the shown items have of the quantity, in its base unit."""
    if shift.quantity is None:
        return []
    if shift.quantity == "year":
        return [float(each.published_at.year) for each in shown if each.published_at is not None]
    attribute = attribute_of(shift.quantity, None, words, quantities)
    if attribute is None:
        return []
    factor = quantities[shift.quantity][attribute]
    found = [each.attributes.get(attribute) for each in shown]
    return [each * factor for each in found if isinstance(each, int | float) and each is not True]
