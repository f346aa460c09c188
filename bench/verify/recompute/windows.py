"""Every kind of window as a closed form over sorted events."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.verify.recompute.result import KINDS, Windows
from bench.verify.recompute.validation import DAY_MS

HALF_LIFE_MS = {
    "day": DAY_MS,
    "month": 30 * DAY_MS,
    "topics": 30 * DAY_MS,
    "dislikes": 30 * DAY_MS,
}
LAST = 32
RECENT_HALF_LIFE_RANKS = 3.0
SESSION_GAP_MS = 30 * 60_000
LEAST_WEIGHT = 1e-4
"""A window that weighs less has no row."""
ROUNDING = 1e-6
"""Share of everything that was ever added to a single-precision sum by which it may be off."""
ROWS_AT_ONCE = 16_384
"""Vectors in float64 at a time: 50 MB at 384 dimensions."""


@dataclass(frozen=True)
class Columns:
    """Accepted events, sorted by (user, time, key); all arrays are (events,)."""

    user: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    weight: NDArray[np.float64]
    """Signed."""
    slack: NDArray[np.float64]
    """How far off the weight may be."""
    kept: NDArray[np.float64]
    """0 for an event that was undone or replaced, else 1."""
    vector: NDArray[np.int64]
    """Row of the vector that was added for the event."""
    undone_vector: NDArray[np.int64]
    """Row of the vector that was subtracted when the event was undone."""
    recent_vector: NDArray[np.int64]
    """Row of the vector that `recent` holds for the event."""
    session_vector: NDArray[np.int64]
    """Row of the vector that `session` holds for the event."""
    engagement: NDArray[np.float64]
    """Unsigned weight of the comment, 0 without one."""
    comment_vector: NDArray[np.int64]
    """Row of the comment's vector, -1 without one."""

    def where(self, mask: NDArray[np.bool_]) -> "Columns":
        """The events for which `mask` `(events,)` is true."""
        return Columns(*(getattr(self, each.name)[mask] for each in fields(self)))


@dataclass(frozen=True)
class _Terms:
    """The terms of a window's sum, sorted by user; all arrays are (terms,)."""

    user: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    coefficient: NDArray[np.float64]
    vector: NDArray[np.int64]
    slack: NDArray[np.float64]


def windows(events: Columns, vectors: NDArray[np.floating[Any]], names: Sequence[str]) -> Windows:
    """Every row of every kind. vectors: (rows, dim); names: user_id of each user number."""
    liked = events.where(events.weight > 0)
    disliked = events.where(events.weight < 0)
    last = liked.where(_rank(liked.user) < LAST)
    terms = (
        _current(last, np.exp2(-_rank(last.user) / RECENT_HALF_LIFE_RANKS), last.recent_vector),
        _session(last),
        _decayed(liked, HALF_LIFE_MS["day"]),
        _decayed(liked, HALF_LIFE_MS["month"]),
        _decayed(_engaged(events), HALF_LIFE_MS["topics"]),
        _decayed(disliked, HALF_LIFE_MS["dislikes"]),
    )
    parts = [_sums(kind, chosen, vectors, names) for kind, chosen in zip(KINDS, terms, strict=True)]
    return Windows(
        keys=[key for part in parts for key in part.keys],
        units=np.concatenate([part.units for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        as_of_ms=np.concatenate([part.as_of_ms for part in parts]),
        agreement=np.concatenate([part.agreement for part in parts]),
        slack=np.concatenate([part.slack for part in parts]),
    )


def _engaged(events: Columns) -> Columns:
    """The terms of `topics`: comments by their own vectors, and liked events without one."""
    commented = events.engagement > 0
    without = np.where(events.comment_vector < 0, events.weight, 0)
    engaged = replace(
        events,
        weight=np.where(commented, events.engagement, without),
        slack=np.where(commented, 0.0, events.slack),
        vector=np.where(commented, events.comment_vector, events.vector),
        undone_vector=np.where(commented, events.comment_vector, events.undone_vector),
    )
    return engaged.where(engaged.weight > 0)


def _decayed(events: Columns, half_life_ms: int) -> _Terms:
    """All events are added, and the undone ones subtracted with the vector at that time."""
    age_ms = events.time_ms[_ends(events.user)] - events.time_ms
    decay = np.exp2(-age_ms / half_life_ms)
    added = np.abs(events.weight) * decay
    undone = events.kept == 0
    user = np.concatenate([events.user, events.user[undone]])
    order = np.argsort(user, kind="stable")
    return _Terms(
        user[order],
        np.concatenate([events.time_ms, events.time_ms[undone]])[order],
        np.concatenate([added, -added[undone]])[order],
        np.concatenate([events.vector, events.undone_vector[undone]])[order],
        np.concatenate([events.slack * decay + ROUNDING * added, added[undone] * ROUNDING])[order],
    )


def _current(last: Columns, factor: NDArray[np.float64], vector: NDArray[np.int64]) -> _Terms:
    """The last interactions without the undone ones, as a window that is computed anew."""
    factor = factor * last.kept
    return _Terms(last.user, last.time_ms, factor * last.weight, vector, factor * last.slack)


def _session(last: Columns) -> _Terms:
    """The events of each user since the last gap that is longer than SESSION_GAP_MS."""
    gap = np.diff(last.time_ms, append=0) > SESSION_GAP_MS
    gap[_ends(last.user)] = False
    gaps_until = np.concatenate([[0], np.cumsum(gap)])
    chosen = last.where(gaps_until[_ends(last.user) + 1] == gaps_until[:-1])
    return _current(chosen, np.ones(len(chosen.user)), chosen.session_vector)


def _ends(user: NDArray[np.int64]) -> NDArray[np.int64]:
    """(events,): for each event, the index of the newest event of its user."""
    return np.searchsorted(user, user, side="right") - 1


def _rank(user: NDArray[np.int64]) -> NDArray[np.int64]:
    """(events,): 0 for a user's newest event, 1 for the one before it, ..."""
    return _ends(user) - np.arange(len(user))


def _sums(
    kind: str, terms: _Terms, vectors: NDArray[np.floating[Any]], names: Sequence[str]
) -> Windows:
    users, first = np.unique(terms.user, return_index=True)
    group = np.searchsorted(users, terms.user)
    total = np.zeros((len(users), vectors.shape[1]))
    weight, slack = np.zeros(len(users)), np.zeros(len(users))
    np.add.at(weight, group, terms.coefficient)
    np.add.at(slack, group, terms.slack)
    for begin in range(0, len(group), ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
        products = vectors[terms.vector[rows]].astype(np.float64) * terms.coefficient[rows, None]
        total[group[rows][starts]] += np.add.reduceat(products, starts, axis=0)
    length = np.sqrt(np.einsum("ud,ud->u", total, total))
    total /= np.where(length > 0, length, 1.0)[:, None]
    as_of_ms = np.maximum.reduceat(terms.time_ms, first) if len(users) else first
    # A row that is too light by less than its slack may exist: the comparison decides.
    possible = weight + slack >= LEAST_WEIGHT
    return Windows(
        keys=[(names[user], kind) for user in users[possible].tolist()],
        units=total[possible].astype(np.float32),
        weights=weight[possible],
        as_of_ms=as_of_ms[possible].astype(np.int64),
        agreement=(length / np.where(weight > 0, weight, 1.0))[possible],
        slack=slack[possible],
    )
