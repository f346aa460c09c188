"""Writes a batch as the job does: binary arrays, one transaction, guarded upserts."""

import psycopg

from bench.peers.decayed_sums import Rows
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors

KIND = "day"
_WINDOWS = """
INSERT INTO interestream.user_windows AS t
    (space_id, user_id, kind, embedding, weight, as_of, epoch, version)
SELECT %s, user_id, %s, embedding, weight, to_timestamp(as_of_ms / 1000.0), %s, version
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::real[], %s)
    AS n (user_id, version, as_of_ms, weight, embedding)
ON CONFLICT (space_id, user_id, kind) DO UPDATE SET
    embedding = excluded.embedding, weight = excluded.weight, as_of = excluded.as_of,
    epoch = excluded.epoch, version = excluded.version
WHERE (t.epoch, t.version) <= (excluded.epoch, excluded.version)
"""
_PROGRESS = """
INSERT INTO interestream.job_progress AS t
    (space_id, stream, bucket, epoch, records_in, duplicates, dead_letters, waiting, applied,
     excluded)
VALUES (%s, 'events', %s, %s, %s, 0, 0, 0, 0, 0)
ON CONFLICT (space_id, stream, bucket) DO UPDATE SET records_in = excluded.records_in
WHERE t.records_in <= excluded.records_in
"""


class WindowTable:
    """One connection to the database; `epoch` is the same for all restarts from one state."""

    def __init__(self, dsn: str, space_id: int, epoch: int = 1) -> None:
        self._db = psycopg.connect(dsn, autocommit=True, application_name="peer")
        register_halfvectors(self._db)
        self._space_id = space_id
        self._epoch = epoch

    def write(self, bucket: int, rows: Rows) -> None:
        """Write the rows of a bucket, and its progress."""
        with self._db.transaction(), self._db.cursor() as cursor:
            if rows.user_id:
                cursor.execute(
                    _WINDOWS,
                    (
                        self._space_id,
                        KIND,
                        self._epoch,
                        rows.user_id,
                        rows.version,
                        rows.as_of_ms,
                        rows.weight,
                        HalfVectors(rows.vector),
                    ),
                )
            cursor.execute(_PROGRESS, (self._space_id, bucket, self._epoch, rows.records_in))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()
