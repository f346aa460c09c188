"""Computes the vectors of users for the newest sequence model, a batch of users at a time."""

import time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.folded import Folded
from jobs.core.interest.sequence_rows import SequenceRows, Waiting, WaitingUsers
from jobs.core.learning.sampling import TimeBudget
from jobs.operators.sequence_watch import LoadedModel, SequenceWatch
from udfs.sequence.features import History

_Number = TypeVar("_Number", bound=np.generic)

MOST_USERS = 1_024
"""Most users whose vectors are computed in one call: new events wait while they are."""
EARLIER = 8
"""So many interactions before the newest one tell whether a row may be the first of a week: a user
has hardly ever more between two writes."""
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

    def close(self) -> None:
        """Look for models no longer."""
        self._watch.close()

    def waits(self, bucket: int) -> bool:
        """Whether users of a bucket wait for their vectors."""
        return self._waiting.size(bucket) > 0

    def drop(self, bucket: int, users: list[str]) -> None:
        """Forget users that wait: their rows are deleted."""
        self._waiting.drop(bucket, users)

    def rows(
        self, bucket: int, users: list[str], folded: Folded | None, catalogue: Catalogue
    ) -> SequenceRows | None:
        """The rows that are due and fit the share of time; the others wait.

        `folded` is what was folded of `users`, None if nothing was.
        """
        loaded = self._watch.serving
        if loaded is None:
            # The next model begins with what users do from then on, and nobody waits for none.
            self._waiting.clear()
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
        self._budget.spent(time.perf_counter() - started_s)
        return found

    def _compute(
        self, loaded: LoadedModel, users: list[str], known: list[Waiting], catalogue: Catalogue
    ) -> SequenceRows:
        model = loaded.model
        self._follow(loaded, catalogue)
        # Oldest first, and what is no item goes, so that there is no gap among those that are.
        row = np.stack([each.row for each in known])[:, ::-1]
        items = self._items[np.maximum(row, 0)]
        present = (row >= 0) & items.any(axis=2)
        order = np.argsort(present, axis=1, kind="stable")[:, -model.manifest.max_events :]
        version = np.array([each.version for each in known], dtype=np.int64)
        left = np.flatnonzero(present.any(axis=1))
        gone = np.flatnonzero(~present.any(axis=1))

        def ordered(columns: NDArray[_Number]) -> NDArray[_Number]:
            return np.take_along_axis(columns, order, axis=1)[left]

        time_ms = ordered(np.stack([each.time_ms for each in known])[:, ::-1])
        weight = ordered(np.stack([each.weight for each in known])[:, ::-1])
        present = ordered(present)
        items = np.take_along_axis(items, order[:, :, None], axis=1)[left]
        vectors = model.user_vectors(items, History(time_ms, weight, present))
        events = present.sum(axis=1)
        earlier = np.maximum(-1 - EARLIER, -events)[:, None]
        return SequenceRows(
            loaded.space_id,
            [users[index] for index in left.tolist()],
            version[left],
            time_ms[:, -1],
            np.take_along_axis(time_ms, time_ms.shape[1] + earlier, axis=1)[:, 0],
            events.astype(np.float64),
            vectors.astype(np.float16),
            [users[index] for index in gone.tolist()],
            version[gone],
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
        texts = catalogue.matrix[rows]
        vectors = loaded.model.items.of(texts, catalogue.references(rows))
        # A deleted item has no text, and no vector of its own either.
        vectors[~texts.any(axis=1)] = 0
        self._items[rows] = vectors


def _grown(matrix: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    """The matrix with at least so many rows; new ones are zero."""
    if len(matrix) >= rows:
        return matrix
    grown = np.zeros((max(rows, 2 * len(matrix)), matrix.shape[1]), dtype=np.float32)
    grown[: len(matrix)] = matrix
    return grown
