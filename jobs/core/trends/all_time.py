"""Counts of all time, which halve with every half-life of event time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY_MS = 86_400_000
"""Resolution of the decay: the events of a day (UTC) weigh the same."""
MOST_ITEMS = 500_000
"""With more items than this the lightest fifth is forgotten."""
FORGOTTEN = 2.0**-10
"""An item whose decayed count is below this is forgotten: one event, ten half-lives ago."""
FEW_CHANGED = 4_096
"""Number of changed items from which on all items may be saved anew."""
PART_ITEMS = 20_000
"""Most items of a saved part, so that no value of the state gets too large."""
_REBASE = 64
"""Number of half-lives after which sums are brought back to the present."""


@dataclass(frozen=True)
class SavedPart:
    """Sums of some items; `count` and `weight` are `(items,)`, with `weight` in thousandths.

    Both are times `2 ** landmark` half-lives since 1970, so that they need no update as time goes.
    """

    landmark: int
    codes: Integers
    count: Floats
    weight: Floats


class AllTime:
    """For each item the sum over its events of `2 ** ((day of the event - now) / half-life)`.

    The sums are kept as of a landmark: a later event adds more instead of all others losing, so
    they do not depend on the order of events and cost nothing as time goes. Memory: 16 bytes per
    item, of at most MOST_ITEMS items.

    >>> sums = AllTime(10 * DAY_MS)
    >>> days, ones = np.array([0, 10]) * DAY_MS, np.array([1, 1])
    >>> sums.add(np.array([4, 4]), days, ones, ones)
    >>> sums.count(20 * DAY_MS + 1)[4].item()
    0.75
    """

    def __init__(self, half_life_ms: int) -> None:
        self.half_life_ms = half_life_ms
        self._landmark: int | None = None
        self._sums = np.zeros((2, 1024))
        self._saved_items = 0
        self._saved_parts = 1
        self._changed: Integers = np.zeros(0, dtype=np.int64)

    @property
    def active(self) -> NDArray[np.bool_]:
        """`(codes,)`, whether something of the item is left."""
        left: NDArray[np.bool_] = self._sums[0] > 0
        return left

    @staticmethod
    def day_ms(as_of_ms: int) -> int:
        """The start of the last day before event time `as_of_ms`, whose events weigh all."""
        return (as_of_ms - 1) // DAY_MS * DAY_MS

    def add(self, codes: Integers, slice_ms: Integers, count: Integers, weight: Integers) -> None:
        """Add counts; all columns are `(n,)`, and a code may occur several times."""
        if not len(codes):
            return
        age = slice_ms // DAY_MS * DAY_MS / self.half_life_ms
        newest = int(np.floor(age.max()))
        if self._landmark is None:
            self._landmark = newest
        elif newest > self._landmark + _REBASE:
            self._sums *= np.exp2(float(self._landmark - newest))
            self._landmark = newest
        self.make_room(int(codes.max()) + 1)
        factor = np.exp2(age - self._landmark)
        np.add.at(self._sums[0], codes, count * factor)
        np.add.at(self._sums[1], codes, weight * factor)
        self._changed = np.union1d(self._changed, codes)

    def count(self, as_of_ms: int) -> Floats:
        """`(codes,)`, decayed counts as of the day of `as_of_ms`."""
        counts: Floats = self._sums[0] * self._decay(as_of_ms)
        return counts

    def weight(self, as_of_ms: int) -> Integers:
        """`(codes,)`, decayed weights in whole thousandths as of the day of `as_of_ms`."""
        weights: Integers = np.rint(self._sums[1] * self._decay(as_of_ms)).astype(np.int64)
        return weights

    def standing(self, codes: Integers) -> Floats:
        """`(n,)`, the logarithm to base 2 of the items' decayed weights, as of 1970.

        It changes with events alone, not with time; rounded, so that it does not depend on the
        order of addition. Minus infinity for an item without any.
        """
        self.make_room(int(codes.max(initial=0)) + 1)
        with np.errstate(divide="ignore"):
            found: Floats = np.round(np.log2(self._sums[1, codes]) + (self._landmark or 0), 6)
        return found

    def unsaved(self, as_of_ms: int) -> Iterator[tuple[int, SavedPart | None]]:
        """The parts `(index, part)` to save since the last call; None for one to remove.

        Part 0 holds the items that changed since all were saved, parts from 1 on all others. Once
        an eighth of all items changed, all are saved, without those to be forgotten. So an item
        is saved in about eight further saves, however many there are.
        """
        if not len(self._changed):
            return
        if len(self._changed) <= max(FEW_CHANGED, self._saved_items // 8):
            yield 0, self._part(self._changed)
            return
        self._forget(as_of_ms)
        codes = np.flatnonzero(self.active)
        starts = range(0, len(codes), PART_ITEMS)
        for index, start in enumerate(starts, 1):
            yield index, self._part(codes[start : start + PART_ITEMS])
        for index in (0, *range(len(starts) + 1, self._saved_parts)):
            yield index, None
        self._changed = codes[:0]
        self._saved_items, self._saved_parts = len(codes), len(starts) + 1

    def restore(self, parts: Sequence[tuple[int, SavedPart]]) -> None:
        """Put saved parts `(index, part)` back."""
        # Part 0 is newer than the others.
        for index, part in sorted(parts, key=lambda each: -each[0]):
            if not len(part.codes):
                continue
            if self._landmark is None:
                self._landmark = part.landmark
            shift = np.exp2(float(part.landmark - self._landmark))
            self.make_room(int(part.codes.max()) + 1)
            self._sums[:, part.codes] = np.stack([part.count, part.weight]) * shift
            if index == 0:
                self._changed = np.unique(part.codes)
            else:
                self._saved_items += len(part.codes)
                self._saved_parts = max(self._saved_parts, index + 1)

    def _decay(self, as_of_ms: int) -> float:
        age = self.day_ms(as_of_ms) / self.half_life_ms
        return float(np.exp2((self._landmark or 0) - age))

    def _part(self, codes: Integers) -> SavedPart:
        assert self._landmark is not None
        return SavedPart(self._landmark, codes, self._sums[0, codes], self._sums[1, codes])

    def _forget(self, as_of_ms: int) -> None:
        self._sums[:, self.count(as_of_ms) < FORGOTTEN] = 0
        codes = np.flatnonzero(self.active)
        if len(codes) > MOST_ITEMS:
            lightest = np.argpartition(self._sums[1, codes], len(codes) // 5)[: len(codes) // 5]
            self._sums[:, codes[lightest]] = 0

    def make_room(self, size: int) -> None:
        """Let there be columns for `size` codes at least."""
        if size > self._sums.shape[1]:
            self._sums = np.pad(self._sums, ((0, 0), (0, 2 * size - self._sums.shape[1])))
