"""The codes of the items that a bucket has met, and their ids."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pyflink.common import Types
from pyflink.datastream.state import MapState, MapStateDescriptor

from jobs.core.event_key import reference
from jobs.core.interest.reference_index import ReferenceIndex

ITEM_CODES = MapStateDescriptor("neighbor-ids-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())

_BLOCK = 256
"""Ids of an entry of the state: the last one is written again with each new item."""


class ItemCodes:
    """Map state number of a block -> ids of its items; an item's code is its place.

    Per bucket it holds the id of every item in the rows of the bucket. Ids are never removed, so
    the state grows with the catalogue. In memory there is a copy of 150 bytes an item.
    """

    def __init__(self, state: MapState) -> None:
        self._state = state
        # Copies of the state by bucket, read at the bucket's first use after a start.
        self._index: dict[int, ReferenceIndex] = {}
        self._ids: dict[int, list[str]] = {}

    def encode(
        self, bucket: int, refs: NDArray[np.uint64], new: NDArray[np.int32], ids: Sequence[str]
    ) -> NDArray[np.intp]:
        """`(items,)` codes of the references `refs`, -1 where an item is unknown.

        The items at the indices `new` have the `ids`; those that are unknown get a code.
        """
        index, known = self._read(bucket)
        codes = index.find(refs)
        blocks = set()
        for at, item_id in zip(new.tolist(), ids, strict=True):
            if codes[at] < 0:
                codes[at] = len(known)
                blocks.add(len(known) // _BLOCK)
                index.add(int(refs[at]), len(known))
                known.append(item_id)
        for block in blocks:
            self._state.put(block, known[block * _BLOCK : (block + 1) * _BLOCK])
        return codes

    def ids(self, bucket: int) -> list[str]:
        """Ids by code; callers must not change the list."""
        return self._read(bucket)[1]

    def _read(self, bucket: int) -> tuple[ReferenceIndex, list[str]]:
        if bucket not in self._ids:
            blocks = sorted(self._state.items())
            ids = [item_id for _, block in blocks for item_id in block]
            index = ReferenceIndex(len(ids) + 1)
            for code, item_id in enumerate(ids):
                index.add(reference(item_id), code)
            self._index[bucket], self._ids[bucket] = index, ids
        return self._index[bucket], self._ids[bucket]
