"""The five kinds of interest as closed forms over sorted events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.recompute.result import KINDS, Windows
from bench.recompute.validation import DAY_MS

HALF_LIFE_MS = {"day": DAY_MS, "month": 30 * DAY_MS, "dislikes": 30 * DAY_MS}
LAST = 32
RECENT_HALF_LIFE_RANKS = 3.0
SESSION_GAP_MS = 30 * 60_000
ROWS_AT_ONCE = 16_384
"""Vectors in float64 at a time: 50 MB at 384 dimensions."""


@dataclass(frozen=True)
class Column:
    """Accepted events, sorted by (user, time, key); all arrays are (events,)."""

    user: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    weight: NDArray[np.float64]
    vector: NDArray[np.int64]
    """Row of the event's vector."""

    def where(self, mask: NDArray[np.bool_]) -> "Column":
        return Column(self.user[mask], self.time_ms[mask], self.weight[mask], self.vector[mask])


def windows(events: Column, vectors: NDArray[np.floating[Any]], names: Sequence[str]) -> Windows:
    """Every row of every kind. vectors: (rows, dim); names: user_id of each user number."""
    liked = events.where(events.weight > 0)
    disliked = events.where(events.weight < 0)
    last = liked.where(_rank(liked.user) < LAST)
    parts = [
        _sums(kind, *chosen, vectors, names)
        for kind, chosen in zip(
            KINDS,
            (
                (last, last.weight * np.exp2(-_rank(last.user) / RECENT_HALF_LIFE_RANKS)),
                _session(last),
                _decayed(liked, HALF_LIFE_MS["day"]),
                _decayed(liked, HALF_LIFE_MS["month"]),
                _decayed(disliked, HALF_LIFE_MS["dislikes"]),
            ),
            strict=True,
        )
    ]
    return Windows(
        keys=[key for part in parts for key in part.keys],
        units=np.concatenate([part.units for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        as_of_ms=np.concatenate([part.as_of_ms for part in parts]),
        agreement=np.concatenate([part.agreement for part in parts]),
    )


def _decayed(events: Column, half_life_ms: int) -> tuple[Column, NDArray[np.float64]]:
    age_ms = events.time_ms[_ends(events.user)] - events.time_ms
    return events, np.abs(events.weight) * np.exp2(-age_ms / half_life_ms)


def _session(last: Column) -> tuple[Column, NDArray[np.float64]]:
    """The events that no long gap parts from the newest one of their user."""
    gap = np.diff(last.time_ms, append=0) > SESSION_GAP_MS
    gap[_ends(last.user)] = False
    gaps_until = np.concatenate([[0], np.cumsum(gap)])
    chosen = last.where(gaps_until[_ends(last.user) + 1] == gaps_until[:-1])
    return chosen, chosen.weight


def _ends(user: NDArray[np.int64]) -> NDArray[np.int64]:
    """(events,): for each event, the place of the newest event of its user."""
    return np.searchsorted(user, user, side="right") - 1


def _rank(user: NDArray[np.int64]) -> NDArray[np.int64]:
    """(events,): 0 for a user's newest event, 1 for the one before it, ..."""
    return _ends(user) - np.arange(len(user))


def _sums(
    kind: str,
    events: Column,
    coefficient: NDArray[np.float64],
    vectors: NDArray[np.floating[Any]],
    names: Sequence[str],
) -> Windows:
    users, first = np.unique(events.user, return_index=True)
    last = np.append(first[1:], len(events.user)) - 1 if len(users) else first
    group = np.searchsorted(users, events.user)
    total = np.zeros((len(users), vectors.shape[1]))
    weight = np.zeros(len(users))
    np.add.at(weight, group, coefficient)
    for begin in range(0, len(group), ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
        products = vectors[events.vector[rows]].astype(np.float64) * coefficient[rows, None]
        total[group[rows][starts]] += np.add.reduceat(products, starts, axis=0)
    length = np.sqrt(np.einsum("ud,ud->u", total, total))
    total /= np.where(length > 0, length, 1.0)[:, None]
    return Windows(
        keys=[(names[user], kind) for user in users.tolist()],
        units=total.astype(np.float32),
        weights=weight,
        as_of_ms=events.time_ms[last],
        agreement=length / np.where(weight > 0, weight, 1.0),
    )
