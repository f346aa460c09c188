"""Co-occurrence as sequence rules: what users turned to after an item, and before it."""

from array import array

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
WINDOW = 20
"""Items before an event that it is joined with, and items of a user that rules are asked for."""


class _Row:
    """A growing row of numbers by item, whose columns numpy reads without copying them."""

    __slots__ = ("_place", "items", "weights")

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self.items = array("q")
        self.weights = array("d")

    def add(self, item: int, weight: float) -> None:
        place = self._place.setdefault(item, len(self.items))
        if place == len(self.items):
            self.items.append(item)
            self.weights.append(weight)
        else:
            self.weights[place] += weight


class SequenceRules:
    """Decayed counts of pairs of items that one user turned to, closer pairs counting more.

    For an event on item `i` of a user whose items before it are `j_1, j_2, ...`, newest first:
    `M[j_d, i]` grows by `d^-0.5` and `M[i, j_d]` by half of it; `n[i]` counts the events of `i`.
    Both halve in `half_life_ms`. All of M is kept, in memory: the number of different pairs.
    """

    def __init__(self, items: int, half_life_ms: int = 365 * DAY_MS) -> None:
        self._half_life_ms = half_life_ms
        self._start_ms: int | None = None
        self._counts = np.zeros(items)
        self._rules: dict[int, _Row] = {}
        self._steps = np.arange(1, WINDOW + 1) ** -0.5

    def add(self, item: int, before: NDArray[np.int64], time_ms: int) -> None:
        """Count an event on `item` by a user whose items before it, newest first, are `before`.

        `before` may be longer than WINDOW. `time_ms` is in epoch milliseconds.
        """
        # What is added grows instead of what is stored shrinking: no decay over all pairs.
        growth = 1 / self._decay(time_ms)
        self._counts[item] += growth
        own = self._row(item)
        for other, step in zip(before[:WINDOW].tolist(), self._steps.tolist(), strict=False):
            self._row(other).add(item, step * growth)
            own.add(other, 0.5 * step * growth)

    def scores(self, last: NDArray[np.int64], time_ms: int) -> NDArray[np.float64]:
        """`n_i^-0.25 * sum over r of 2^(-r/3) * n_j^-0.5 * M[j, i]` for each item: `(items,)`.

        `j` is the item at place `r` of `last`, a user's items with the newest first at `r` 0.
        """
        decay = self._decay(time_ms)
        scores = np.zeros(len(self._counts))
        for rank, item in enumerate(last[:WINDOW].tolist()):
            if (row := self._rules.get(item)) is None or not row.items:
                continue
            factor = 2 ** (-rank / 3) * (self._counts[item] * decay) ** -0.5 * decay
            scores[np.frombuffer(row.items, np.int64)] += factor * np.frombuffer(row.weights)
        found = np.flatnonzero(scores)
        scores[found] *= (self._counts[found] * decay) ** -0.25
        return scores

    def _row(self, item: int) -> _Row:
        row = self._rules.get(item)
        if row is None:
            row = self._rules[item] = _Row()
        return row

    def _decay(self, time_ms: int) -> float:
        """The factor by which what was added at the first event has shrunk at `time_ms`."""
        if self._start_ms is None:
            self._start_ms = time_ms
        return float(2.0 ** (-(time_ms - self._start_ms) / self._half_life_ms))
