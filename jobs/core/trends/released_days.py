"""Counts of days as they were released, with noise, and what they add up to over horizons."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.totals import Horizon

SHOWN_ERRORS = 3.0
"""Standard deviations of its noise that a sum must reach for its item to be shown."""


@dataclass(frozen=True)
class ReleasedDay:
    """Noisy counts of one day (UTC, days since 1970); `counts` is `(items,)`."""

    day: int
    items: Sequence[str]
    counts: NDArray[np.int64]


def error_of_day(scale: float) -> float:
    """The standard deviation of discrete Laplace noise of a scale.

    >>> round(error_of_day(1.0), 3)
    1.357
    """
    ratio = math.exp(-1 / scale)
    return math.sqrt(2 * ratio) / (1 - ratio)


class ReleasedDays:
    """The days of the longest of some horizons, whose lengths are whole days.

    Memory: 4 bytes an item and day, and an id an item.
    """

    def __init__(self, horizons: Sequence[Horizon], scale: float) -> None:
        self.horizons = tuple(h for h in horizons if h.length_ms % DAY_MS == 0)
        self.longest = max(h.length_ms // DAY_MS for h in self.horizons)
        self._error = error_of_day(scale)
        self._codes: dict[str, int] = {}
        self._days: dict[int, tuple[NDArray[np.int64], NDArray[np.int32]]] = {}

    @property
    def newest(self) -> int | None:
        """The newest day that was released; None before the first."""
        return max(self._days, default=None)

    def add(self, released: ReleasedDay) -> None:
        """Add a day, and drop those that have left the longest horizon."""
        codes = [self._codes.setdefault(item, len(self._codes)) for item in released.items]
        self._days[released.day] = (
            np.array(codes, dtype=np.int64),
            released.counts.astype(np.int32),
        )
        newest = max(self._days)
        for day in [day for day in self._days if day <= newest - self.longest]:
            del self._days[day]

    def due(self, as_of_ms: int, counted: Sequence[int]) -> range:
        """The days to release at event time `as_of_ms`, none of which is left out.

        `counted` are the days of which something was counted. A day is over when event time has
        left it; one before the newest released day is never released.
        """
        over = as_of_ms // DAY_MS
        newest = self.newest
        first = min(counted, default=over) if newest is None else newest + 1
        return range(max(first, over - self.longest), over)

    def sums(self, number: int, end_day: int) -> Mapping[str, int]:
        """The sums over horizon `number` before `end_day` that reach SHOWN_ERRORS, by item."""
        days = self.horizons[number].length_ms // DAY_MS
        total = np.zeros(len(self._codes), dtype=np.int64)
        held = [self._days[day] for day in range(end_day - days, end_day) if day in self._days]
        for codes, counts in held:
            np.add.at(total, codes, counts)
        least = max(1.0, SHOWN_ERRORS * self._error * math.sqrt(len(held)))
        shown = np.flatnonzero(total >= least)
        ids = list(self._codes)
        return {ids[code]: int(total[code]) for code in shown.tolist()}
