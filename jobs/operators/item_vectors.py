"""Item vectors in broadcast state, and the numpy catalogue made of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import orjson
from pyflink.common import Row, Types
from pyflink.datastream.state import BroadcastState, MapStateDescriptor, ReadOnlyBroadcastState

from jobs.core.interest.catalogue import Catalogue
from jobs.errors import StateSchemaError

ITEM_VECTORS = MapStateDescriptor("item-vectors-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
ANNOUNCED_VECTORS = MapStateDescriptor(
    "announced-vectors-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY()
)

VECTOR_ROWS_TYPE = Types.ROW_NAMED(
    ["bucket", "heads", "vectors"],
    [Types.INT(), *[Types.OBJECT_ARRAY(Types.PRIMITIVE_ARRAY(Types.BYTE()))] * 2],
)
"""Vectors with their heads (`vector_head`), as float16 bytes; an empty one is announced only."""

ALIVE = -2
"""Stands in the place of the bucket in a sign of life of the item step (`sign_of_life`)."""

DELETED = -3
"""Stands in the place of the bucket in a row of deleted items (`removal`)."""

DELETED_ITEMS = MapStateDescriptor("deleted-items-v1", Types.STRING(), Types.BOOLEAN())
"""Broadcast state of the items that are deleted for good."""

LIVING_BUCKETS = MapStateDescriptor("item-buckets-v1", Types.INT(), Types.BOOLEAN())
"""Broadcast state of the buckets of items that have given a sign of life."""


@dataclass(frozen=True)
class VectorRow:
    """An item's vector in the space.

    `vector` is float16 bytes, empty where it is announced; `version` is the item's version that
    the vector was made of.
    """

    item_id: str
    epoch: int
    version: int
    vector: bytes


StateT = TypeVar("StateT", bound=ReadOnlyBroadcastState)


class VectorStates(NamedTuple, Generic[StateT]):
    """The broadcast states of `ItemVectors`."""

    vectors: StateT
    announced: StateT
    deleted: StateT


def vector_states(get: Callable[[MapStateDescriptor], Any]) -> VectorStates[Any]:
    """The states; `get` is the context's `get_broadcast_state`."""
    return VectorStates(get(ITEM_VECTORS), get(ANNOUNCED_VECTORS), get(DELETED_ITEMS))


class ItemVectors:
    """Broadcast state item id -> (epoch, version, vector bytes), one entry per item.

    An entry takes 2 * dim bytes and the id. It is removed when the item is deleted and never
    otherwise, so the state grows with the number of distinct items: the last interactions of users
    still refer to items that are withdrawn.

    A second state, item id -> (epoch, version), holds the vectors that are announced: the item has
    another text, which is not encoded yet. An entry is removed when its vector arrives.

    A third state, item id -> True, holds the deleted items. An entry is never removed: a vector
    that was on its way must not bring its item back.

    The catalogue and the arrivals are derived from the states. After a restore the catalogue is
    made at the first element, since `open` cannot read broadcast state.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._catalogue: Catalogue | None = None
        self.arrivals: list[str] = []
        """Ids of items whose events may wait no longer, in the order in which their vectors
        arrived, since the start of this task."""

    @property
    def loaded(self) -> bool:
        """Whether the catalogue has been made since the start of this task."""
        return self._catalogue is not None

    def put(self, states: VectorStates[BroadcastState], rows: Sequence[VectorRow]) -> None:
        """Add rows to the states, except for a row older than the vector that is there, and for
        one of a deleted item."""
        vectors, announced, _ = states
        catalogue = self.catalogue(states)
        for row in rows:
            if row.item_id in catalogue.deleted:
                continue
            known = vectors.get(row.item_id)
            version = (row.epoch, row.version)
            if not row.vector:
                if known is None or tuple(known[:2]) < version:
                    announced.put(row.item_id, version)
                    catalogue.announced.add(row.item_id)
                continue
            if known is not None and tuple(known[:2]) > version:
                continue
            vectors.put(row.item_id, (*version, row.vector))
            arrived = catalogue.put(row.item_id, np.frombuffer(row.vector, dtype=np.float16))
            if row.item_id in catalogue.announced and announced.get(row.item_id) <= version:
                announced.remove(row.item_id)
                catalogue.announced.remove(row.item_id)
                arrived = True
            if arrived:
                self.arrivals.append(row.item_id)

    def delete(self, states: VectorStates[BroadcastState], item_ids: Sequence[str]) -> None:
        """Remove the vectors of items for good."""
        vectors, announced, deleted = states
        catalogue = self.catalogue(states)
        for item_id in item_ids:
            if item_id in catalogue.deleted:
                continue
            deleted.put(item_id, True)
            if vectors.contains(item_id):
                vectors.remove(item_id)
            if item_id in catalogue.announced:
                announced.remove(item_id)
            catalogue.delete(item_id)
            self.arrivals.append(item_id)

    def catalogue(self, states: VectorStates[ReadOnlyBroadcastState]) -> Catalogue:
        """The catalogue of the states.

        Raises StateSchemaError for vectors of another dimension than the space's.
        """
        if self._catalogue is None:
            vectors, announced, deleted = states
            catalogue = Catalogue(self._dim)
            for item_id, (_, _, vector) in vectors.items():
                row = np.frombuffer(vector, dtype=np.float16)
                if len(row) != self._dim:
                    raise StateSchemaError(
                        f"the state holds item vectors of {len(row)} dimensions, this job's space"
                        f" has {self._dim}: start the job without this state"
                    )
                catalogue.put(item_id, row)
            # PyFlink cannot list the keys alone (docs/traps.md).
            catalogue.announced.update(item_id for item_id, _ in announced.items())
            for item_id, _ in deleted.items():
                catalogue.delete(item_id)
            self._catalogue = catalogue
        return self._catalogue


def vector_head(item_id: str, epoch: int, version: int) -> bytes:
    """The key of a vector, which accompanies its document through the encoder.

    It is bytes, since Java returns no arrays of strings and numbers in keyed rows.
    """
    return orjson.dumps([item_id, epoch, version])


def read_head(head: bytes) -> tuple[str, int, int]:
    """Item, epoch and version of a `vector_head`."""
    item_id, epoch, version = orjson.loads(head)
    return item_id, epoch, version


def removal(item_ids: Sequence[str]) -> Row:
    """The row with which the item step tells that items are deleted."""
    return Row(DELETED, [item_id.encode() for item_id in item_ids], [b""] * len(item_ids))


def removed_items(row: Row) -> list[str] | None:
    """The items of a `removal`; None for any other row `ROW<bucket, heads, vectors>`."""
    return [bytes(head).decode() for head in row[1]] if row[0] == DELETED else None


def sign_of_life(bucket: int) -> Row:
    """The row with which the item step tells that it works on a bucket of items."""
    return Row(ALIVE, [b"%d" % bucket], [b""])


def living_bucket(row: Row) -> int | None:
    """The bucket of a sign of life; None for any other row `ROW<bucket, heads, vectors>`."""
    return int(row[1][0]) if row[0] == ALIVE else None


def announcement(bucket: int, heads: Sequence[bytes]) -> Row:
    """The row `ROW<bucket, heads, vectors>` that announces the vectors with these heads."""
    return Row(bucket, list(heads), [b""] * len(heads))


def read_vector_rows(row: Row) -> list[VectorRow]:
    """The vectors of a batch `ROW<bucket, heads, vectors>`, whose vectors are float16 bytes."""
    _, heads, vectors = row
    rows = []
    for head, vector in zip(heads, vectors, strict=True):
        rows.append(VectorRow(*read_head(head), vector))
    return rows
