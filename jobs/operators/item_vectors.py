"""Item vectors as broadcast state, with a numpy catalogue beside it."""

from dataclasses import dataclass

import numpy as np
import orjson
from pyflink.common import Row, Types
from pyflink.datastream.state import BroadcastState, MapStateDescriptor, ReadOnlyBroadcastState

from jobs.core.interest.catalogue import Catalogue
from jobs.errors import StateSchemaError

ITEM_VECTORS = MapStateDescriptor("item-vectors-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


@dataclass(frozen=True)
class VectorRow:
    """An item's vector in the space: float16 bytes, with the version of its text."""

    item_id: str
    epoch: int
    version: int
    vector: bytes


class ItemVectors:
    """Broadcast state item id -> (epoch, version, vector bytes): one entry per item, never removed
    (a withdrawn item still explains what its users liked); 2 * dim bytes each and the id.

    The catalogue and the arrivals are derived from it and made anew after a restore, at the first
    element, since `open` cannot read broadcast state.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._catalogue: Catalogue | None = None
        self.arrivals: list[str] = []
        """Items in the order in which they became known to this task."""

    def put(self, state: BroadcastState, rows: list[VectorRow]) -> None:
        """Take rows over unless a newer version is already there."""
        catalogue = self.catalogue(state)
        for row in rows:
            known = state.get(row.item_id)
            if known is not None and tuple(known[:2]) > (row.epoch, row.version):
                continue
            state.put(row.item_id, (row.epoch, row.version, row.vector))
            if catalogue.put(row.item_id, np.frombuffer(row.vector, dtype=np.float16)):
                self.arrivals.append(row.item_id)

    def catalogue(self, state: ReadOnlyBroadcastState) -> Catalogue:
        if self._catalogue is None:
            catalogue = Catalogue(self._dim)
            for item_id, (_, _, vector) in state.items():
                row = np.frombuffer(vector, dtype=np.float16)
                if len(row) != self._dim:
                    raise StateSchemaError(
                        f"the state holds item vectors of {len(row)} dimensions, this job's space"
                        f" has {self._dim}: a space of another bundle starts without the state of"
                        " the old one"
                    )
                catalogue.put(item_id, row)
            self._catalogue = catalogue
        return self._catalogue


def vector_head(item_id: str, epoch: int, version: int) -> bytes:
    """What goes beside a document through the encoder: which vector it will be.

    Bytes, since arrays of strings and numbers do not come back from Java as keyed rows.
    """
    return orjson.dumps([item_id, epoch, version])


def read_vector_rows(row: Row) -> list[VectorRow]:
    """The rows of a batch ROW<bucket, heads, vectors>."""
    _, heads, vectors = row
    rows = []
    for head, vector in zip(heads, vectors, strict=True):
        item_id, epoch, version = orjson.loads(head)
        rows.append(VectorRow(item_id, epoch, version, vector))
    return rows
