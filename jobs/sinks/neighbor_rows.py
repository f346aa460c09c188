"""Writes rows of `item_neighbors` in one idempotent transaction."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import psycopg

from jobs.sinks.arrays import Float4Array, Texts, TimeArray

ROWS_AT_ONCE = 500
"""Rows of a statement."""

# The lists of a row come as text, since Postgres has no arrays of arrays of different lengths.
_ROWS = """
INSERT INTO interestream.item_neighbors AS t
    (space_id, item_id, neighbor_ids, strengths, interactions, as_of, half_life_s, epoch, version,
     committed_at)
SELECT %(space)s, item_id, neighbor_ids::text[], strengths::real[], interactions, as_of,
       %(half_life_s)s, %(epoch)s, %(version)s, clock_timestamp()
FROM unnest(%(item_ids)s, %(neighbor_ids)s, %(strengths)s, %(interactions)s, %(as_of)s)
    AS n (item_id, neighbor_ids, strengths, interactions, as_of)
ON CONFLICT (space_id, item_id) DO UPDATE SET
    neighbor_ids = excluded.neighbor_ids, strengths = excluded.strengths,
    interactions = excluded.interactions, as_of = excluded.as_of,
    half_life_s = excluded.half_life_s, epoch = excluded.epoch, version = excluded.version,
    committed_at = excluded.committed_at
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""


@dataclass(frozen=True)
class NeighborRow:
    """A row: an item, its neighbours with their strengths in falling order, its interactions.

    Strengths and interactions are as of `as_of_ms` (epoch milliseconds).
    """

    item_id: str
    neighbor_ids: Sequence[str]
    strengths: Sequence[float]
    interactions: float
    as_of_ms: int


@dataclass(frozen=True)
class NeighborBatch:
    """Rows of a space, of distinct items; `version` is (epoch, version) of all of them."""

    space_id: int
    half_life_s: float
    version: tuple[int, int]
    rows: Sequence[NeighborRow]


def write_neighbors(connection: psycopg.Connection, batch: NeighborBatch) -> None:
    """Write a batch inside the caller's transaction; rows of a newer version stay as they are."""
    for start in range(0, len(batch.rows), ROWS_AT_ONCE):
        rows = batch.rows[start : start + ROWS_AT_ONCE]
        connection.execute(
            _ROWS,
            {
                "space": batch.space_id,
                "half_life_s": batch.half_life_s,
                "epoch": batch.version[0],
                "version": batch.version[1],
                "item_ids": Texts([row.item_id for row in rows]).all(),
                "neighbor_ids": Texts([_array(row.neighbor_ids) for row in rows]).all(),
                "strengths": Texts(
                    ["{" + ",".join(map(repr, row.strengths)) + "}" for row in rows]
                ).all(),
                "interactions": Float4Array(np.array([row.interactions for row in rows])),
                "as_of": TimeArray(np.array([row.as_of_ms for row in rows], dtype=np.int64)),
            },
        )


def without_deleted(rows: Iterable[NeighborRow], deleted: Container[str]) -> list[NeighborRow]:
    """The rows of other items than the `deleted` ones, without those as neighbours."""
    return [_without(row, deleted) for row in rows if row.item_id not in deleted]


def _without(row: NeighborRow, deleted: Container[str]) -> NeighborRow:
    kept = [index for index, item_id in enumerate(row.neighbor_ids) if item_id not in deleted]
    if len(kept) == len(row.neighbor_ids):
        return row
    return replace(
        row,
        neighbor_ids=[row.neighbor_ids[index] for index in kept],
        strengths=[row.strengths[index] for index in kept],
    )


def drop_neighbors(connection: psycopg.Connection, space_id: int, epoch: int) -> None:
    """Delete the rows written under an epoch before `epoch`."""
    connection.execute(
        "DELETE FROM interestream.item_neighbors WHERE space_id = %s AND epoch < %s",
        (space_id, epoch),
    )


def _array(texts: Sequence[str]) -> str:
    """The texts as Postgres writes an array of them, all of them quoted.

    >>> print(_array(["a", 'say "b"']))
    {"a","say \\"b\\""}
    """
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"
