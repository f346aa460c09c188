"""A batch of item vectors in one idempotent transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from jobs.sinks.user_rows import Progress, write_progress

PREPARE_VECTORS = """
CREATE TEMPORARY TABLE IF NOT EXISTS new_vectors (
    item_id text, epoch bigint, version bigint, embedding halfvec
) ON COMMIT DELETE ROWS;
"""

# Within a batch the newest version of an item wins.
_VECTORS = """
INSERT INTO interestream.item_vectors AS t (space_id, item_id, embedding, epoch, version)
SELECT DISTINCT ON (item_id) %s, item_id, embedding, epoch, version
FROM new_vectors ORDER BY item_id, epoch DESC, version DESC
ON CONFLICT (space_id, item_id) DO UPDATE SET
    embedding = excluded.embedding, epoch = excluded.epoch, version = excluded.version
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""


class Vector(Protocol):
    """``vector`` is float16 bytes."""

    @property
    def item_id(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def vector(self) -> bytes: ...


@dataclass(frozen=True)
class VectorBatch:
    space_id: int
    epoch: int
    bucket: int
    rows: Sequence[Vector]
    progress: Progress


def write_vector_batch(connection: psycopg.Connection, batch: VectorBatch) -> None:
    """Write a batch inside the caller's transaction; running it again changes nothing."""
    register_vector(connection)
    with connection.cursor() as cursor:
        with cursor.copy("COPY new_vectors FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["text", "int8", "int8", "halfvec"])
            for row in batch.rows:
                vector = HalfVector(np.frombuffer(row.vector, dtype=np.float16))
                copy.write_row((row.item_id, row.epoch, row.version, vector))
        cursor.execute(_VECTORS, (batch.space_id,))
        write_progress(
            cursor, batch.space_id, batch.epoch, batch.bucket, {"vectors": batch.progress}
        )
