"""One half-life window for each user, as arrays that are updated a batch at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bench.peers.columns import Columns

NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Rows:
    """The rows that a batch writes: one for each of its users with a window."""

    user_id: list[str]
    version: list[int]
    weight: list[float]
    as_of_ms: list[int]
    vector: NDArray[np.float16]
    """`(users, dim)`, rows of L2 norm 1."""
    records_in: int
    """Number of all events so far."""


class DecayedSums:
    """`S = sum w 2^(-(T - t)/h) v` for each user, where `T` is the newest counted event.

    `vectors` is `(items, dim)`. Users are never removed: memory grows with their number.
    """

    def __init__(self, half_life_ms: float, vectors: NDArray[np.float32]) -> None:
        self._half_life_ms = half_life_ms
        self._vectors = vectors
        self._index: dict[str, int] = {}
        self._records_in = 0
        self._version = np.zeros(0, np.int64)
        self._weight = np.zeros(0, np.float64)
        self._as_of = np.zeros(0, np.int64)
        self._sum = np.zeros((0, vectors.shape[1]), np.float32)
        self._grow(1024)

    def add(self, events: Columns) -> Rows:
        """Count a batch, and return the rows of its users."""
        index_of = self._index
        index = np.array(
            [index_of.setdefault(user_id, len(index_of)) for user_id in events.user_id],
            dtype=np.intp,
        )
        self._records_in += len(events)
        if len(index_of) > len(self._version):
            self._grow(2 * len(index_of))
        users, user = np.unique(index, return_inverse=True)
        self._version[users] += np.bincount(user, minlength=len(users))
        counted = np.flatnonzero(events.weight > 0)
        user, time_ms = user[counted], events.time_ms[counted]
        before = self._as_of[users]
        after = before.copy()
        np.maximum.at(after, user, time_ms)
        age = np.where(before == NEVER, 0, after - before)
        keep = np.exp2(-age / self._half_life_ms)
        share = events.weight[counted] * np.exp2(-(after[user] - time_ms) / self._half_life_ms)
        rows, row = np.unique(events.row[counted], return_inverse=True)
        added = sparse.csr_array(
            (share.astype(np.float32), (user, row)), shape=(len(users), len(rows))
        )
        total = self._sum[users] * keep[:, None].astype(np.float32) + added @ self._vectors[rows]
        weight = self._weight[users] * keep + np.bincount(user, weights=share, minlength=len(users))
        self._sum[users], self._weight[users], self._as_of[users] = total, weight, after
        length = np.linalg.norm(total, axis=1)
        written = np.flatnonzero((weight > 0) & (length > 0))
        names: list[str] = list(dict.fromkeys(events.user_id))
        name_of = {index_of[name]: name for name in names}
        return Rows(
            user_id=[name_of[number] for number in users[written].tolist()],
            version=self._version[users[written]].tolist(),
            weight=weight[written].astype(np.float32).tolist(),
            as_of_ms=after[written].tolist(),
            vector=(total[written] / length[written, None]).astype(np.float16),
            records_in=self._records_in,
        )

    def snapshot(self) -> tuple[Any, ...]:
        """A copy of everything, which later batches do not change."""
        count = len(self._index)
        return (
            list(self._index),
            self._records_in,
            self._version[:count].copy(),
            self._weight[:count].copy(),
            self._as_of[:count].copy(),
            self._sum[:count].copy(),
        )

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Continue from a snapshot."""
        names, self._records_in, version, weight, as_of, total = snapshot
        self._index = {name: index for index, name in enumerate(names)}
        self._grow(max(1024, len(names)))
        count = len(names)
        self._version[:count], self._weight[:count] = version, weight
        self._as_of[:count], self._sum[:count] = as_of, total

    def _grow(self, capacity: int) -> None:
        more = max(0, capacity - len(self._version))
        self._version = np.concatenate([self._version, np.zeros(more, np.int64)])
        self._weight = np.concatenate([self._weight, np.zeros(more)])
        self._as_of = np.concatenate([self._as_of, np.full(more, NEVER)])
        nothing = np.zeros((more, self._sum.shape[1]), np.float32)
        self._sum = np.concatenate([self._sum, nothing])
