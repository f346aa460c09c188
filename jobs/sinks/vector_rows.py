"""Writes a batch of item vectors in one idempotent transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import psycopg

from jobs.core.progress import Progress
from jobs.sinks.halfvec_array import HalfVectors
from jobs.sinks.job_rows import write_progress

# Within a batch the newest version of an item wins.
_VECTORS = """
INSERT INTO interestream.item_vectors AS t (space_id, item_id, embedding, epoch, version)
SELECT DISTINCT ON (item_id) %s, item_id, embedding, epoch, version
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s) AS n (item_id, epoch, version, embedding)
ORDER BY item_id, epoch DESC, version DESC
ON CONFLICT (space_id, item_id) DO UPDATE SET
    embedding = excluded.embedding, epoch = excluded.epoch, version = excluded.version
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""


class Vector(Protocol):
    """An item's vector with its version."""

    @property
    def item_id(self) -> str:
        """Id of the item."""

    @property
    def epoch(self) -> int:
        """Fencing token of the row."""

    @property
    def version(self) -> int:
        """Version of the item that the vector was made of."""

    @property
    def vector(self) -> bytes:
        """float16 numbers as bytes."""


@dataclass(frozen=True)
class VectorBatch:
    """The rows of one call of the vector writer, and the counters of its bucket.

    `task_start` is the number of the task that writes it.
    """

    space_id: int
    epoch: int
    bucket: int
    rows: Sequence[Vector]
    progress: Progress
    task_start: int = 0


def write_vector_batch(connection: psycopg.Connection, batch: VectorBatch) -> None:
    """Write a batch inside the caller's transaction; running it again changes nothing."""
    with connection.cursor() as cursor:
        if batch.rows:
            vectors = np.frombuffer(b"".join([row.vector for row in batch.rows]), dtype=np.float16)
            cursor.execute(
                _VECTORS,
                (
                    batch.space_id,
                    [row.item_id for row in batch.rows],
                    [row.epoch for row in batch.rows],
                    [row.version for row in batch.rows],
                    HalfVectors(vectors.reshape(len(batch.rows), -1)),
                ),
            )
        write_progress(
            cursor,
            batch.space_id,
            batch.epoch,
            batch.bucket,
            {"vectors": batch.progress},
            batch.task_start,
        )
