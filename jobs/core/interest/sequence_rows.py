"""Rows of users for a sequence model, and those of users that wait for theirs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.histories import Histories


@dataclass(frozen=True)
class SequenceRows:
    """Rows of `user_windows` of the kind `sequence`; every column is `(rows,)`.

    - `model`: id of the space of the sequence model.
    - `users`: their ids; `version`: of their rows.
    - `as_of`: time of the newest interaction; `earlier_ms`: of the one eight before it, or of the
      oldest where there are fewer. Epoch milliseconds.
    - `events`: number of interactions that were read.
    - `vector`: `(rows, dim)` float16 of unit length.
    - `emptied`, `emptied_version`: users who have no interaction with an item left, whose rows are
      deleted, and the versions of their own rows.
    """

    model: int
    users: list[str]
    version: NDArray[np.int64]
    as_of: NDArray[np.int64]
    earlier_ms: NDArray[np.int64]
    events: NDArray[np.float64]
    vector: NDArray[np.float16]
    emptied: list[str]
    emptied_version: NDArray[np.int64]


@dataclass(frozen=True)
class Waiting:
    """What is known of a user whose vector is not computed yet: its version and its history.

    `row`, `time_ms` and `weight` are `(last_n,)`, as in `Histories`.
    """

    version: int
    row: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    weight: NDArray[np.float32]


class WaitingUsers:
    """Users of each bucket whose vectors are due, the newest state of each.

    It is kept in memory alone: what is lost with the process is written when the user's next row
    is. It holds one state a user and at most `most` users a bucket: beyond, the oldest go.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._buckets: dict[int, dict[str, Waiting]] = {}

    def size(self, bucket: int) -> int:
        """Number of users of a bucket."""
        return len(self._buckets.get(bucket, ()))

    def clear(self) -> None:
        """Forget all users."""
        self._buckets.clear()

    def add(
        self, bucket: int, users: list[str], version: NDArray[np.int64], known: Histories
    ) -> None:
        """Add users in place of an older state of theirs."""
        waiting = self._buckets.setdefault(bucket, {})
        for index, (user, number) in enumerate(zip(users, version.tolist(), strict=True)):
            # Removed first, so that it comes behind those that have waited for longer.
            waiting.pop(user, None)
            waiting[user] = Waiting(
                number, known.row[index], known.time_ms[index], known.weight[index]
            )
        for user in list(waiting)[: max(len(waiting) - self._most, 0)]:
            del waiting[user]

    def drop(self, bucket: int, users: list[str]) -> None:
        """Forget users."""
        waiting = self._buckets.get(bucket, {})
        for user in users:
            waiting.pop(user, None)

    def take(self, bucket: int, most: int) -> tuple[list[str], list[Waiting]]:
        """Remove and return up to `most` users, those that have waited for longest first."""
        waiting = self._buckets.get(bucket, {})
        users = list(waiting)[:most]
        return users, [waiting.pop(user) for user in users]
