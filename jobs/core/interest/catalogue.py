"""Item vectors by item id and by reference: the batch operator's numpy view of broadcast state."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import reference
from jobs.core.interest.reference_index import ReferenceIndex


class Catalogue:
    """A growing `(items, dim)` float32 matrix; a changed item keeps its row.

    It holds only what broadcast state holds, and is rebuilt from it after a restore.
    """

    def __init__(self, dim: int, capacity: int = 1024) -> None:
        self._vectors = np.zeros((capacity, dim), dtype=np.float32)
        self._row_by_id: dict[str, int] = {}
        self._references = np.zeros(capacity, dtype=np.uint64)
        self._by_reference = ReferenceIndex(capacity)
        self._ids: list[str] = []
        self._stamps = np.zeros(capacity, dtype=np.int64)
        self.changes = 0
        """Number of vectors that were set so far."""
        self.announced: set[str] = set()
        """Ids of items whose text has changed and whose new vector has not arrived yet."""
        self.deleted: set[str] = set()
        """Ids of items that are deleted for good. Each has a row of zeros: the last interactions of
        users still refer to it."""

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> list[str]:
        """Item ids by row."""
        return self._ids

    def put(self, item_id: str, vector: NDArray[np.float16]) -> bool:
        """Set an item's vector `(dim,)`; returns whether the item is new."""
        row = self._row_by_id.get(item_id)
        new = row is None
        if row is None:
            row = len(self._ids)
            if row == len(self._vectors):
                self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
                self._references = np.concatenate([self._references, self._references])
                self._stamps = np.concatenate([self._stamps, self._stamps])
            self._row_by_id[item_id] = row
            self._references[row] = reference(item_id)
            self._by_reference.add(reference(item_id), row)
            self._ids.append(item_id)
        self._vectors[row] = vector
        self.changes += 1
        self._stamps[row] = self.changes
        return new

    def delete(self, item_id: str) -> None:
        """Let an item have no vector from now on."""
        self.put(item_id, np.zeros(self._vectors.shape[1], dtype=np.float16))
        self.announced.discard(item_id)
        self.deleted.add(item_id)

    def has_vector(self, item_id: str) -> bool:
        """Whether the item has a vector, be it of an older text."""
        return item_id in self._row_by_id and item_id not in self.deleted

    def knows(self, item_id: str) -> bool:
        """Whether the item has a vector, and no newer one is announced."""
        return self.has_vector(item_id) and item_id not in self.announced

    def decides(self, item_id: str) -> bool:
        """Whether events of the item wait no longer: it is known, or deleted."""
        return self.knows(item_id) or item_id in self.deleted

    def current(self, item_ids: Sequence[str | None], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """`(n,)`: whether each item is known (see `knows`); `rows` are the items' rows."""
        current: NDArray[np.bool_] = rows >= 0
        if self.announced:
            current &= np.array([item not in self.announced for item in item_ids], dtype=bool)
        return current

    def changed_since(self, changes: int) -> NDArray[np.intp]:
        """Rows whose vector was set since there had been so many `changes`."""
        return np.flatnonzero(self._stamps[: len(self._ids)] > changes)

    def rows(self, item_ids: Iterable[str | None]) -> NDArray[np.intp]:
        """`(n,)` rows, -1 where an item is unknown."""
        find = self._row_by_id.get
        return np.array(
            [-1 if item is None else find(item, -1) for item in item_ids], dtype=np.intp
        )

    def rows_of_references(self, references: NDArray[np.uint64]) -> NDArray[np.intp]:
        """`(n,)` rows, -1 where a reference is unknown."""
        return self._by_reference.find(references)

    @property
    def reference_tables(self) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
        """The tables of the index by reference, for kernels (`ReferenceIndex.tables`)."""
        return self._by_reference.tables

    def references(self, rows: NDArray[np.intp]) -> NDArray[np.uint64]:
        """`(n,)` references of rows; the reference of row -1 is arbitrary."""
        return self._references[rows]

    @property
    def matrix(self) -> NDArray[np.float32]:
        """`(items, dim)` vectors by row; callers must not write to it."""
        return self._vectors[: len(self._ids)]
