"""Rows of the catalogue by reference: a hash table that is asked for a whole batch at once."""

import numpy as np
from numpy.typing import NDArray

_FREE = -1
_SLOTS_A_ROW = 4
"""At most a quarter of the slots is taken: nearly all look-ups end at their first one."""


class ReferenceIndex:
    """Open addressing with linear probing over 64-bit references, which are hashes themselves.

    Adding a row costs the same however many there are: a catalogue that grows with every batch is
    never sorted again.
    """

    def __init__(self, capacity: int = 256) -> None:
        size = 1 << max(capacity * _SLOTS_A_ROW - 1, 1).bit_length()
        self._keys = np.zeros(size, dtype=np.uint64)
        self._rows = np.full(size, _FREE, dtype=np.intp)
        self._count = 0

    def add(self, reference: int, row: int) -> None:
        """Remember the row of a reference; the first row of a reference stays."""
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
        """`(n,)` rows, -1 where a reference is unknown."""
        mask = len(self._rows) - 1
        slot = (references & np.uint64(mask)).astype(np.intp)
        found = self._rows[slot]
        left = np.flatnonzero((self._keys[slot] != references) & (found != _FREE))
        while left.size:
            slot[left] = (slot[left] + 1) & mask
            found[left] = self._rows[slot[left]]
            left = left[(self._keys[slot[left]] != references[left]) & (found[left] != _FREE)]
        return found

    def _grow(self) -> None:
        taken = self._rows != _FREE
        keys, rows = self._keys[taken], self._rows[taken]
        size = 2 * len(self._rows)
        self._keys = np.zeros(size, dtype=np.uint64)
        self._rows = np.full(size, _FREE, dtype=np.intp)
        slot = (keys & np.uint64(size - 1)).astype(np.intp)
        left = np.arange(len(keys))
        while left.size:
            # Of several that want the same free slot the last one written has it.
            free = left[self._rows[slot[left]] == _FREE]
            self._rows[slot[free]], self._keys[slot[free]] = rows[free], keys[free]
            left = left[self._rows[slot[left]] != rows[left]]
            slot[left] = (slot[left] + 1) & (size - 1)
