"""Counts added up over horizons, whose windows slide along with event time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.core.trends.all_time import AllTime, Floats, Integers
from jobs.core.trends.counts import TrendCounts

SPARE_IDS = 10_000
"""Number of ids of items outside all horizons that are tolerated before the totals are rebuilt."""


@dataclass(frozen=True)
class Horizon:
    """A span of event time over which items are counted.

    `length_ms` and the end of the window are multiples of `slide_ms`; both in milliseconds.
    """

    name: str
    length_ms: int
    slide_ms: int

    @classmethod
    def all_of(cls, horizons: Mapping[str, tuple[int, int]]) -> tuple["Horizon", ...]:
        """Horizons of a mapping `name -> (length, slide)` in seconds, the shortest first."""
        return tuple(
            cls(name, length_s * 1000, slide_s * 1000)
            for name, (length_s, slide_s) in sorted(horizons.items(), key=lambda item: item[1])
        )

    def end_ms(self, as_of_ms: int) -> int:
        """End of the window at event time `as_of_ms`: that time rounded up to a whole slide."""
        return -(-as_of_ms // self.slide_ms) * self.slide_ms


@dataclass(frozen=True)
class Slide:
    """The counts of one slide of a horizon; the columns are `(items,)`.

    `codes` stand for the items, without repeats; `weight` is in thousandths.
    """

    codes: Integers
    count: Integers
    weight: Integers

    @classmethod
    def summed(cls, codes: Integers, count: Integers, weight: Integers) -> "Slide":
        """The slide of entries `(n,)` in which a code may occur several times."""
        distinct, index = np.unique(codes, return_inverse=True)
        sums = np.zeros((2, len(distinct)), dtype=np.int64)
        np.add.at(sums[0], index, count)
        np.add.at(sums[1], index, weight)
        return cls(distinct, sums[0], sums[1])


@dataclass(frozen=True)
class Best:
    """The items with the most weight in a horizon; the columns are `(items,)`, in no order.

    `weight` and `longer_weight` are in thousandths. `longer` and `longer_weight` are count and
    weight in the next longer horizon, None for the longest; `standing` is `AllTime.standing`, None
    without all time. `total` is the number of interactions with all items of the horizon.
    """

    codes: Integers
    count: Integers
    weight: Integers
    longer: Integers | None
    longer_weight: Integers | None
    standing: Floats | None
    total: int


class TrendTotals:
    """The slides of every horizon, the sums over the slides inside its window, and all time.

    Horizons are numbered from the shortest; all time, which exists if `half_life_ms` is not None,
    is numbered behind the longest. This is a cache of the state: `fold` returns the slides that
    changed or left the window, and `restore` puts saved slides back. Memory: 24 bytes per slide and
    item active in it; per item 16 bytes per horizon, 16 of all time, and an id.
    """

    def __init__(self, horizons: tuple[Horizon, ...], half_life_ms: int | None = None) -> None:
        self.horizons = horizons
        self.all_time = None if half_life_ms is None else AllTime(half_life_ms)
        self.as_of_ms: int | None = None
        self.ids: list[str] = []
        self._codes: dict[str, int] = {}
        self._slides: list[dict[int, Slide]] = [{} for _ in horizons]
        self._sums = np.zeros((len(horizons), 2, 1024), dtype=np.int64)

    @property
    def wasteful(self) -> bool:
        """Whether most ids belong to items without counts in any horizon."""
        active = (self._sums[:, 0, : len(self.ids)] > 0).any(axis=0)
        if self.all_time is not None:
            lasting = self.all_time.active[: len(self.ids)]
            active[: len(lasting)] |= lasting
        return len(self.ids) > 2 * int(active.sum()) + SPARE_IDS

    def fold(self, counts: TrendCounts, slice_ms: int) -> tuple[set[tuple[int, int]], ...]:
        """Add closed slices of length `slice_ms` and move event time to the end of the newest.

        Returns two sets of pairs (horizon, slide): the slides that changed and those that left
        their window. `all_time.unsaved` says what changed of all time.
        """
        if not len(counts):
            return set(), set()
        newest_ms = int(counts.slice_ms.max()) + slice_ms
        self.as_of_ms = newest_ms if self.as_of_ms is None else max(self.as_of_ms, newest_ms)
        codes = self.codes(counts.item_id)
        if self.all_time is not None:
            # An entry without an item stands for many, and is none of the best.
            named = np.array([bool(item) for item in counts.item_id])
            self.all_time.add(
                codes[named], counts.slice_ms[named], counts.count[named], counts.weight[named]
            )
        changed: set[tuple[int, int]] = set()
        left: set[tuple[int, int]] = set()
        for number, horizon in enumerate(self.horizons):
            oldest = self._oldest(horizon)
            for index in [index for index in self._slides[number] if index < oldest]:
                self._add(number, self._slides[number].pop(index), -1)
                left.add((number, index))
            slides = counts.slice_ms // horizon.slide_ms
            for index in np.unique(slides[slides >= oldest]).tolist():
                at = slides == index
                self._put(number, index, codes[at], counts.count[at], counts.weight[at])
                changed.add((number, index))
        return changed, left

    def slide(self, number: int, index: int) -> tuple[list[str], Slide]:
        """The item ids and sums of slide `index` of horizon `number`, to be kept in the state."""
        slide = self._slides[number][index]
        return [self.ids[code] for code in slide.codes.tolist()], slide

    def restore(
        self, as_of_ms: int, slides: Iterable[tuple[int, int, list[str], Integers, Integers]]
    ) -> None:
        """Put saved slides `(horizon, index, items, counts, weights)` back."""
        self.as_of_ms = as_of_ms
        for number, index, items, count, weight in slides:
            self._put(number, index, self.codes(items), count, weight)

    def window_ms(self, number: int) -> tuple[int, int]:
        """Start and end of the window of horizon `number` at the event time reached."""
        assert self.as_of_ms is not None
        end_ms = self.horizons[number].end_ms(self.as_of_ms)
        return end_ms - self.horizons[number].length_ms, end_ms

    def best(self, number: int, keep: int) -> Best:
        """The `keep` items with the most weight.

        Among equals the weight in the next longer horizon decides, then all time, then the id.
        """
        count, weight = self._columns(number)
        codes = np.flatnonzero(count)
        total = int(count.sum())
        if len(codes) > keep:
            lowest = np.partition(weight[codes], -keep)[-keep]
            tied = codes[weight[codes] == lowest]
            codes = codes[weight[codes] > lowest]
            codes = np.concatenate([codes, self._foremost(tied, number, keep - len(codes))])
        longer = longer_weight = standing = None
        if number + 1 < self._levels:
            longer, longer_weight = (column[codes] for column in self._columns(number + 1))
        if self.all_time is not None:
            standing = self.all_time.standing(codes)
        return Best(codes, count[codes], weight[codes], longer, longer_weight, standing, total)

    @property
    def _levels(self) -> int:
        return len(self.horizons) + (self.all_time is not None)

    def _columns(self, number: int) -> tuple[Integers, Integers]:
        """Counts and weights `(codes,)` of a horizon or of all time."""
        if number < len(self.horizons):
            return self._sums[number, 0], self._sums[number, 1]
        assert self.all_time is not None
        assert self.as_of_ms is not None
        self.all_time.make_room(self._sums.shape[2])
        count = self.all_time.count(self.as_of_ms)
        # A count never fades to nothing while the item is known.
        whole: Integers = np.maximum(np.rint(count), count > 0).astype(np.int64)
        return whole, self.all_time.weight(self.as_of_ms)

    def _foremost(self, tied: Integers, number: int, size: int) -> Integers:
        """The first `size` of the codes `tied` `(n,)`, which are equal in horizon `number`."""
        keys: list[NDArray[Any]] = []
        if self.all_time is not None:
            keys.append(-self.all_time.standing(tied))
        if number + 1 < self._levels:
            keys.append(-self._columns(number + 1)[1][tied])
        if not keys:
            return self._by_id(tied)[:size]
        order = np.lexsort(keys)
        ordered, columns = tied[order], np.stack(keys)[:, order]
        # Of the items that are equal to the last one in all of these, the ids decide.
        equal = (columns == columns[:, size - 1 : size]).all(axis=0)
        sure = ordered[: int(equal.argmax())]
        return np.concatenate([sure, self._by_id(ordered[equal])[: size - len(sure)]])

    def _by_id(self, codes: Integers) -> Integers:
        return np.array(sorted(codes.tolist(), key=self.ids.__getitem__), dtype=np.int64)

    def _oldest(self, horizon: Horizon) -> int:
        """Index of the oldest slide inside the horizon's window."""
        assert self.as_of_ms is not None
        return (horizon.end_ms(self.as_of_ms) - horizon.length_ms) // horizon.slide_ms

    def codes(self, items: Iterable[str]) -> Integers:
        """The items' codes `(items,)`, which are new ones for new items."""
        codes = []
        for item in items:
            code = self._codes.get(item)
            if code is None:
                code = self._codes[item] = len(self.ids)
                self.ids.append(item)
            codes.append(code)
        if len(self.ids) > self._sums.shape[2]:
            added = 2 * len(self.ids) - self._sums.shape[2]
            self._sums = np.pad(self._sums, ((0, 0), (0, 0), (0, added)))
        return np.array(codes, dtype=np.int64)

    def _put(
        self, number: int, index: int, codes: Integers, count: Integers, weight: Integers
    ) -> None:
        added = Slide.summed(codes, count, weight)
        self._add(number, added, +1)
        old = self._slides[number].get(index)
        self._slides[number][index] = (
            added
            if old is None
            else Slide.summed(
                np.concatenate([old.codes, added.codes]),
                np.concatenate([old.count, added.count]),
                np.concatenate([old.weight, added.weight]),
            )
        )

    def _add(self, number: int, slide: Slide, sign: int) -> None:
        self._sums[number, 0, slide.codes] += sign * slide.count
        self._sums[number, 1, slide.codes] += sign * slide.weight
