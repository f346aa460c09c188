"""Computes the vectors of users for the newest sequence model, a batch of users at a time."""

import time

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.folded import Folded
from jobs.core.interest.sequence_rows import SequenceRows, Waiting, WaitingUsers
from jobs.core.learning.sampling import TimeBudget
from jobs.operators.sequence_watch import LoadedModel, SequenceWatch
from udfs.sequence.features import History

MOST_USERS = 1_024
"""Most users whose vectors are computed in one call: new events wait while they are."""
CHECK_MS = 200
"""How often a bucket whose users wait for their vectors goes on, in milliseconds."""


class SequenceUsers:
    """Keeps the model's vectors of items beside the catalogue, and makes those of users.

    Memory: four bytes a dimension and item, and the newest history of users that wait.
    """

    def __init__(self, watch: SequenceWatch, time_share: float) -> None:
        self._watch = watch
        self._budget = TimeBudget(time_share, time.monotonic)
        self._waiting = WaitingUsers()
        self._space: int | None = None
        self._items = np.empty((0, 0), dtype=np.float32)
        self._changes = 0
        self.vectors = 0
        """Vectors of users that were computed, since the start."""
        self._spent_s = 0.0

    def close(self) -> None:
        """Look for models no longer."""
        self._watch.close()

    def waits(self, bucket: int) -> bool:
        """Whether users of a bucket wait for their vectors."""
        return self._waiting.size(bucket) > 0

    def drop(self, bucket: int, users: list[str]) -> None:
        """Forget users that wait: their rows are deleted."""
        self._waiting.drop(bucket, users)

    def take_spent_s(self) -> float:
        """Return the time since the last call that vectors took, in seconds."""
        spent_s, self._spent_s = self._spent_s, 0.0
        return spent_s

    def rows(
        self, bucket: int, users: list[str], folded: Folded | None, catalogue: Catalogue
    ) -> SequenceRows | None:
        """The rows that are due and fit the share of time; the others wait.

        `folded` is what was folded of `users`, None if nothing was.
        """
        loaded = self._watch.serving
        if loaded is None:
            return None
        if folded is not None and folded.histories is not None:
            written = folded.written_users
            self._waiting.add(
                bucket,
                [users[index] for index in written.tolist()],
                folded.version[written],
                folded.histories,
            )
        if not self.waits(bucket) or not self._budget.allows():
            return None
        started_s = time.perf_counter()
        due, known = self._waiting.take(bucket, MOST_USERS)
        found = self._compute(loaded, due, known, catalogue)
        took_s = time.perf_counter() - started_s
        self._budget.spent(took_s)
        self._spent_s += took_s
        self.vectors += len(due)
        return found

    def _compute(
        self, loaded: LoadedModel, users: list[str], known: list[Waiting], catalogue: Catalogue
    ) -> SequenceRows:
        model = loaded.model
        self._follow(loaded, catalogue)
        left = [bool((each.row >= 0).any()) for each in known]
        emptied = [user for user, has_item in zip(users, left, strict=True) if not has_item]
        emptied_version = [
            each.version for each, has_item in zip(known, left, strict=True) if not has_item
        ]
        users = [user for user, has_item in zip(users, left, strict=True) if has_item]
        known = [each for each, has_item in zip(known, left, strict=True) if has_item]
        gone = emptied, np.array(emptied_version, dtype=np.int64)
        if not users:
            none = np.empty(0, dtype=np.int64)
            vector = np.empty((0, model.manifest.dim), dtype=np.float16)
            return SequenceRows(
                loaded.space_id, [], none, none, none, none.astype(np.float64), vector, *gone
            )
        # Oldest first, and what is no item goes, so that there is no gap among those that are.
        row = np.stack([each.row for each in known])[:, ::-1]
        time_ms = np.stack([each.time_ms for each in known])[:, ::-1]
        weight = np.stack([each.weight for each in known])[:, ::-1]
        order = np.argsort(row >= 0, axis=1, kind="stable")[:, -model.manifest.max_events :]
        row = np.take_along_axis(row, order, axis=1)
        time_ms = np.take_along_axis(time_ms, order, axis=1)
        weight = np.take_along_axis(weight, order, axis=1)
        present = row >= 0
        items = self._items[np.maximum(row, 0)]
        vectors = model.user_vectors(items, History(time_ms, weight, present))
        before = time_ms[:, -2] if row.shape[1] > 1 else time_ms[:, -1]
        has_before = present.sum(axis=1) > 1
        return SequenceRows(
            loaded.space_id,
            users,
            np.array([each.version for each in known], dtype=np.int64),
            time_ms[:, -1].astype(np.int64),
            np.where(has_before, before, time_ms[:, -1]).astype(np.int64),
            present.sum(axis=1).astype(np.float64),
            vectors.astype(np.float16),
            *gone,
        )

    def _follow(self, loaded: LoadedModel, catalogue: Catalogue) -> None:
        """Make the vectors of items that are new or have changed, or all for another model."""
        if self._space != loaded.space_id:
            self._space, self._changes = loaded.space_id, 0
            self._items = np.empty((0, loaded.model.manifest.dim), dtype=np.float32)
        if self._changes == catalogue.changes:
            return
        rows = catalogue.changed_since(self._changes)
        self._changes = catalogue.changes
        self._items = _grown(self._items, len(catalogue))
        self._items[rows] = loaded.model.items.of(
            catalogue.matrix[rows], catalogue.references(rows)
        )


def _grown(matrix: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    """The matrix with at least so many rows; new ones are zero."""
    if len(matrix) >= rows:
        return matrix
    grown = np.zeros((max(rows, 2 * len(matrix)), matrix.shape[1]), dtype=np.float32)
    grown[: len(matrix)] = matrix
    return grown
