"""Reads the counters of the active space."""

import psycopg

from jobs.errors import InterestreamError
from jobs.health.reading import StreamReading

_STREAMS = """
SELECT
    stream, sum(records_in)::bigint, sum(waiting + moved)::bigint, sum(dead_letters)::bigint,
    extract(epoch FROM clock_timestamp() - max(committed_at))::double precision
FROM interestream.job_progress WHERE space_id = %s GROUP BY stream ORDER BY stream
"""


def read_streams(
    db: psycopg.Connection, space_id: int | None
) -> tuple[int, dict[str, StreamReading]]:
    """Return the space (default: the active one) and its streams by name.

    Raises InterestreamError when there is no such space.
    """
    row = db.execute(
        "SELECT space_id FROM interestream.spaces"
        " WHERE CASE WHEN %(id)s::int IS NULL THEN active ELSE space_id = %(id)s END",
        {"id": space_id},
    ).fetchone()
    if row is None:
        raise InterestreamError(
            "there is no active space: make one with `interestream space create`"
            if space_id is None
            else f"there is no space {space_id}: see `interestream space list`"
        )
    streams = {name: StreamReading(*rest) for name, *rest in db.execute(_STREAMS, (row[0],))}
    return row[0], streams
