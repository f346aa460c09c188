"""Rows of the catalogue by reference: a hash table that looks up a whole batch at once."""

import numpy as np
from numpy.typing import NDArray

_FREE = -1
_SLOTS_A_ROW = 4
"""At most a quarter of the slots is in use, so nearly all look-ups end at the first slot."""


class ReferenceIndex:
    """Open addressing with linear probing over 64-bit references, which are hashes already.

    Adding a row takes constant time on average. A sorted index would have to be sorted again after
    every batch with new items.
    """

    def __init__(self, capacity: int = 256) -> None:
        size = 1 << max(capacity * _SLOTS_A_ROW - 1, 1).bit_length()
        self._keys = np.zeros(size, dtype=np.uint64)
        self._rows = np.full(size, _FREE, dtype=np.intp)
        self._count = 0

    def add(self, reference: int, row: int) -> None:
        """Add the row of a reference; a reference that has a row keeps it."""
        if (self._count + 1) * _SLOTS_A_ROW > len(self._rows):
            self._grow()
        mask = len(self._rows) - 1
        slot = reference & mask
        while self._rows[slot] != _FREE:
            if int(self._keys[slot]) == reference:
                return
            slot = (slot + 1) & mask
        self._keys[slot], self._rows[slot] = reference, row
        self._count += 1

    def find(self, references: NDArray[np.uint64]) -> NDArray[np.intp]:
        """`(n,)` rows of the references `(n,)`, -1 where a reference is unknown."""
        mask = len(self._rows) - 1
        slot = (references & np.uint64(mask)).astype(np.intp)
        rows = self._rows[slot]
        left = np.flatnonzero((self._keys[slot] != references) & (rows != _FREE))
        while left.size:
            slot[left] = (slot[left] + 1) & mask
            rows[left] = self._rows[slot[left]]
            left = left[(self._keys[slot[left]] != references[left]) & (rows[left] != _FREE)]
        return rows

    @property
    def tables(self) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
        """References and rows by slot; the row of a free slot is -1.

        A reference is looked up from the slot of its last bits on, up to a free slot.
        """
        return self._keys, self._rows

    def _grow(self) -> None:
        in_use = self._rows != _FREE
        keys, rows = self._keys[in_use], self._rows[in_use]
        size = 2 * len(self._rows)
        self._keys = np.zeros(size, dtype=np.uint64)
        self._rows = np.full(size, _FREE, dtype=np.intp)
        slot = (keys & np.uint64(size - 1)).astype(np.intp)
        left = np.arange(len(keys))
        while left.size:
            # Where several references write to the same free slot, the last one gets it.
            free = left[self._rows[slot[left]] == _FREE]
            self._rows[slot[free]], self._keys[slot[free]] = rows[free], keys[free]
            left = left[self._rows[slot[left]] != rows[left]]
            slot[left] = (slot[left] + 1) & (size - 1)
