"""What the rows of a user become with one more event, computed from the rows alone.

The job adds an event to its state, which holds sums. A row holds a sum's direction and weight, and
not its length: that is estimated as the length of the same sum over the past that is known. Where
all of the past is known, the result is that of the job, up to the rounding of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.config import Interest
from jobs.core.interest.decayed_sums import Window
from jobs.core.interest.interests import cover
from jobs.core.interest.rank_windows import recent_weights, session_weights
from jobs.core.interest.vectors import Vectors

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class WindowRow:
    """A row of `user_windows`: `vector` `(dim,)` of unit length, `as_of` in epoch milliseconds."""

    vector: Floats
    weight: float
    as_of: int


@dataclass(frozen=True)
class Past:
    """Events that are known of a user, newest first; columns are `(events,)`.

    `vector` is `(events, dim)`; `weight` is signed and not 0; `time_ms` is epoch milliseconds.
    """

    item_id: list[str]
    vector: Floats
    weight: NDArray[np.float64]
    time_ms: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> "Past":
        """The events for which `chosen` `(events,)` is True."""
        return Past(
            [item for item, keep in zip(self.item_id, chosen.tolist(), strict=True) if keep],
            self.vector[chosen],
            self.weight[chosen],
            self.time_ms[chosen],
        )

    def with_newest(self, item_id: str, vector: Floats, weight: float, time_ms: int) -> "Past":
        """The events with a newest one in front."""
        return Past(
            [item_id, *self.item_id],
            np.concatenate([vector[None], self.vector]),
            np.r_[weight, self.weight],
            np.r_[time_ms, self.time_ms],
        )


@dataclass(frozen=True)
class RowsAfter:
    """The rows of a user after the event: windows by kind, and interests, strongest first."""

    windows: dict[str, WindowRow]
    interest_items: list[str]
    interest_weights: list[float]
    interest_sizes: list[int]


def add_event(
    rows: Mapping[str, WindowRow],
    past: Past,
    item_id: str,
    vector: Floats,
    weight: float,
    time_ms: int,
    interest: Interest,
) -> RowsAfter:
    """Add an event on an item to the rows of a user; none of the past is newer than it.

    `vector` `(dim,)` is the item's, `weight` the event's signed weight: 0 changes nothing.

    >>> east, north = np.eye(2, dtype=np.float32)
    >>> past = Past(["a"], east[None], np.array([3.0]), np.array([0]))
    >>> day = {"day": WindowRow(east, 3.0, 0)}
    >>> after = add_event(day, past, "b", north, 3.0, 86_400_000, Interest())
    >>> after.windows["day"].weight, after.interest_items
    (4.5, ['b', 'a'])
    """
    windows = dict(rows)
    for window in _half_life_windows(interest):
        if weight and (weight > 0) == (window.sign >= 0):
            windows[window.name] = _add_to_sum(
                rows.get(window.name), past, window, vector, weight, time_ms
            )
    liked = past.take(past.weight > 0)
    if weight > 0 and interest.last_n:
        windows |= _rank_windows(rows, liked, vector, weight, time_ms, interest)
        liked = liked.with_newest(item_id, vector, weight, time_ms)
    return RowsAfter(windows, *_interests(liked, interest))


def _half_life_windows(interest: Interest) -> list[Window]:
    windows = [Window(name, seconds * 1000) for name, seconds in interest.half_lives_s.items()]
    if interest.dislikes_half_life_s:
        windows.append(Window("dislikes", interest.dislikes_half_life_s * 1000, sign=-1))
    if interest.topics_half_life_s:
        windows.append(Window("topics", interest.topics_half_life_s * 1000))
    return windows


def _add_to_sum(
    row: WindowRow | None, past: Past, window: Window, vector: Floats, weight: float, time_ms: int
) -> WindowRow:
    if row is None:
        return WindowRow(vector, abs(weight), time_ms)
    of_sign = past.take(past.weight * window.sign > 0)
    decays = np.exp2(-(row.as_of - of_sign.time_ms) / window.half_life_ms)
    length = _length(np.abs(of_sign.weight) * decays, of_sign.vector)
    keep = float(np.exp2(-max(time_ms - row.as_of, 0) / window.half_life_ms))
    return _sum(row, keep, length, vector, abs(weight), max(time_ms, row.as_of))


def _rank_windows(
    rows: Mapping[str, WindowRow],
    liked: Past,
    vector: Floats,
    weight: float,
    time_ms: int,
    interest: Interest,
) -> dict[str, WindowRow]:
    """The windows `recent` and `session`."""
    ring = _ring(liked, interest.last_n)
    last = liked.vector[: interest.last_n]
    gap_ms = interest.session_gap_s * 1000
    weights = {
        "recent": recent_weights(ring, interest.recent_half_life_events)[0],
        "session": session_weights(ring, gap_ms)[0],
    }
    after = {}
    for kind, of_kind in weights.items():
        row = rows.get(kind)
        if row is None or (kind == "session" and time_ms - row.as_of > gap_ms):
            after[kind] = WindowRow(vector, weight, time_ms)
            continue
        keep = float(np.exp2(-1 / interest.recent_half_life_events)) if kind == "recent" else 1.0
        length = _length(of_kind[: len(last)], last)
        after[kind] = _sum(row, keep, length, vector, weight, time_ms)
    return after


def _length(weights: NDArray[np.floating[Any]], vectors: Floats) -> float:
    """Length of a weighted sum of unit vectors, as a share of the weight; 1 of nothing."""
    mass = float(weights.sum())
    return float(np.linalg.norm(weights @ vectors)) / mass if mass > 0 else 1.0


def _sum(
    row: WindowRow, keep: float, length: float, vector: Floats, weight: float, as_of: int
) -> WindowRow:
    total = row.vector * (row.weight * length * keep) + weight * vector
    norm = float(np.linalg.norm(total))
    unit = total / norm if norm > 0 else vector
    return WindowRow(unit.astype(np.float32), row.weight * keep + weight, as_of)


def _ring(liked: Past, last_n: int) -> dict[str, NDArray[np.generic]]:
    """The last interactions of one user as columns `(1, last_n)`; a weight of 0 is empty."""
    count = min(len(liked.item_id), last_n)
    times = np.zeros((1, last_n), dtype=np.int64)
    weights = np.zeros((1, last_n), dtype=np.float32)
    times[0, :count] = liked.time_ms[:count]
    weights[0, :count] = liked.weight[:count]
    return {"ring_ms": times, "ring_weight": weights}


def _interests(liked: Past, interest: Interest) -> tuple[list[str], list[float], list[int]]:
    if not interest.last_n or not liked.item_id:
        return [], [], []
    weights = recent_weights(_ring(liked, interest.last_n), interest.interest_half_life_events)
    count = min(len(liked.item_id), interest.last_n)
    row = np.full((1, interest.last_n), -1, dtype=np.intp)
    row[0, :count] = np.arange(count)
    dim = liked.vector.shape[1]
    found = cover(
        Vectors(liked.vector, np.empty((0, dim), dtype=np.float32)),
        row,
        weights.astype(np.float64),
        row >= 0,
        cosine=interest.interest_cosine,
        max_interests=interest.max_interests,
    )
    known = [index for index in found.medoid[0].tolist() if index >= 0]
    return (
        [liked.item_id[index] for index in known],
        found.share[0, : len(known)].tolist(),
        found.size[0, : len(known)].tolist(),
    )
