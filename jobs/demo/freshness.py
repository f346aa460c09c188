"""Measures the time from writing an event until it is found committed."""

from collections import deque
from collections.abc import Sequence

import numpy as np


class Freshness:
    """Keeps the times at which events were fed, and measures the delay until they are committed.

    Times are in seconds of any clock that only rises. `delays_s` has one delay for each call of
    `fed` whose events are committed.
    """

    def __init__(self) -> None:
        self._pending: deque[tuple[int, float]] = deque()
        self._committed: deque[tuple[float, int]] = deque()
        self.delays_s: list[float] = []

    def fed(self, total: int, now_s: float) -> None:
        """`total` events had been fed by `now_s`."""
        self._pending.append((total, now_s))

    def committed(self, total: int, now_s: float) -> None:
        """`total` events are committed at `now_s`."""
        while self._pending and self._pending[0][0] <= total:
            self.delays_s.append(now_s - self._pending.popleft()[1])
        self._committed.append((now_s, total))
        while now_s - self._committed[0][0] > 3.0:
            self._committed.popleft()

    @property
    def events_per_s(self) -> float:
        """Committed events per second, over the last three seconds."""
        (first_s, first), (last_s, last) = self._committed[0], self._committed[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else 0.0

    def percentiles_ms(self, shares: Sequence[float]) -> list[float]:
        """Percentiles of the delays in milliseconds; `shares` are percentages such as 50 and 99.

        All are 0 while there are no delays.
        """
        if not self.delays_s:
            return [0.0] * len(shares)
        return [float(value) for value in np.percentile(self.delays_s, shares) * 1000]
