"""Item vectors in broadcast state, and the numpy catalogue made of them."""

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
    """An item's vector in the space.

    `vector` is float16 bytes, `version` is the item's version that the vector was made of.
    """

    item_id: str
    epoch: int
    version: int
    vector: bytes


class ItemVectors:
    """Broadcast state item id -> (epoch, version, vector bytes), one entry per item.

    An entry takes 2 * dim bytes and the id. It is never removed, so the state grows with the number
    of distinct items: the last interactions of users still refer to items that are withdrawn.

    The catalogue and the arrivals are derived from the state. After a restore the catalogue is made
    at the first element, since `open` cannot read broadcast state.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._catalogue: Catalogue | None = None
        self.arrivals: list[str] = []
        """Ids of new items in the order of their arrival, since the start of this task."""

    def put(self, state: BroadcastState, rows: list[VectorRow]) -> None:
        """Add rows to `state`, except for a row older than the vector that is there."""
        catalogue = self.catalogue(state)
        for row in rows:
            known = state.get(row.item_id)
            if known is not None and tuple(known[:2]) > (row.epoch, row.version):
                continue
            state.put(row.item_id, (row.epoch, row.version, row.vector))
            if catalogue.put(row.item_id, np.frombuffer(row.vector, dtype=np.float16)):
                self.arrivals.append(row.item_id)

    def catalogue(self, state: ReadOnlyBroadcastState) -> Catalogue:
        """The catalogue of the vectors in `state`.

        Raises StateSchemaError for vectors of another dimension than the space's.
        """
        if self._catalogue is None:
            catalogue = Catalogue(self._dim)
            for item_id, (_, _, vector) in state.items():
                row = np.frombuffer(vector, dtype=np.float16)
                if len(row) != self._dim:
                    raise StateSchemaError(
                        f"the state holds item vectors of {len(row)} dimensions, this job's space"
                        f" has {self._dim}: start the job without this state"
                    )
                catalogue.put(item_id, row)
            self._catalogue = catalogue
        return self._catalogue


def vector_head(item_id: str, epoch: int, version: int) -> bytes:
    """The key of a vector, which accompanies its document through the encoder.

    It is bytes, since Java returns no arrays of strings and numbers in keyed rows.
    """
    return orjson.dumps([item_id, epoch, version])


def read_vector_rows(row: Row) -> list[VectorRow]:
    """The vectors of a batch `ROW<bucket, heads, vectors>`, whose vectors are float16 bytes."""
    _, heads, vectors = row
    rows = []
    for head, vector in zip(heads, vectors, strict=True):
        item_id, epoch, version = orjson.loads(head)
        rows.append(VectorRow(item_id, epoch, version, vector))
    return rows
