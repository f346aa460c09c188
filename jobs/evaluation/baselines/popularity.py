"""How often each item was turned to within a window of time."""

from collections import deque

import numpy as np
from numpy.typing import NDArray


class WindowedPopularity:
    """Counts of `items` items over the last `length_ms` milliseconds; None counts all of time."""

    def __init__(self, items: int, length_ms: int | None) -> None:
        self._length_ms = length_ms
        self._counts = np.zeros(items, dtype=np.int64)
        self._within: deque[tuple[int, int]] = deque()

    def add(self, item: int, time_ms: int) -> None:
        """Count an event at `time_ms`, which is not before those counted so far."""
        self._counts[item] += 1
        if self._length_ms is not None:
            self._within.append((time_ms, item))

    def counts(self, now_ms: int) -> NDArray[np.int64]:
        """Events `(items,)` later than `now_ms - length_ms`; a view that the next call changes.

        Events that have left the window are forgotten, so `now_ms` must not fall.
        """
        if self._length_ms is not None:
            while self._within and self._within[0][0] <= now_ms - self._length_ms:
                self._counts[self._within.popleft()[1]] -= 1
        return self._counts

    def scores(self, now_ms: int) -> NDArray[np.float64]:
        """`log(1 + count)` `(items,)` over the largest of the window, 0 to 1."""
        logs = np.log1p(self.counts(now_ms))
        return logs / max(float(logs.max(initial=0.0)), 1e-12)
