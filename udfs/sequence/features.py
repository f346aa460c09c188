"""What a sequence model is told of each interaction beside its item: pauses, hours, weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GAPS = 27
"""Number of classes of pauses: class `g` begins at `2^g - 1` seconds, the last at two years."""
HOURS = 24
WEEKDAYS = 7

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_THURSDAY = 3
"""Weekday of the first day of the epoch, where Monday is 0."""


@dataclass(frozen=True, slots=True)
class History:
    """Interactions of users, oldest first and ending in the last column, `(users, events)` each.

    - `time_ms`: epoch milliseconds.
    - `weight`: above 0.
    - `present`: False in front of the first interaction of a user.
    """

    time_ms: NDArray[np.int64]
    weight: NDArray[np.float32]
    present: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Features:
    """The inputs of the graph that are made of a `History`, `(users, events)` each.

    - `gap`: class of the pause since the interaction before, 0 for the first.
    - `hour`: hour of the day, `weekday`: day of the week, Monday is 0, both in UTC.
    - `strength`: `ln(1 + weight)`.
    """

    gap: NDArray[np.int64]
    hour: NDArray[np.int64]
    weekday: NDArray[np.int64]
    strength: NDArray[np.float32]
    present: NDArray[np.bool_]


def features_of(history: History) -> Features:
    """Return what a model is told of the interactions; absent ones have zeros.

    >>> day_ms = 86_400_000
    >>> found = features_of(History(
    ...     np.array([[0, day_ms, 2 * day_ms + 3_600_000]]),
    ...     np.array([[0, 1, 3]], dtype=np.float32),
    ...     np.array([[False, True, True]]),
    ... ))
    >>> found.gap.tolist(), found.hour.tolist(), found.weekday.tolist()
    ([[0, 0, 16]], [[0, 0, 1]], [[0, 4, 5]])
    """
    present = history.present
    time_ms = np.where(present, history.time_ms, 0)
    pause_s = np.zeros(time_ms.shape)
    both = present[:, 1:] & present[:, :-1]
    pause_s[:, 1:] = np.where(both, np.maximum(np.diff(time_ms, axis=1), 0), 0) / 1000
    gap = np.minimum(np.log2(1 + pause_s).astype(np.int64), GAPS - 1)
    return Features(
        gap,
        np.where(present, time_ms // _HOUR_MS % HOURS, 0),
        np.where(present, (time_ms // _DAY_MS + _THURSDAY) % WEEKDAYS, 0),
        np.where(present, np.log1p(np.maximum(history.weight, 0)), 0).astype(np.float32),
        present,
    )
