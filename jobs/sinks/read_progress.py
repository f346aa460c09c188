"""Reads the counters of everything that a job has committed."""

import psycopg

from jobs.core.progress import Progress


def read_progress(db: psycopg.Connection, space_id: int) -> dict[str, Progress]:
    """Counters of a space over all buckets, by stream: events, control, items, vectors."""
    rows = db.execute(
        "SELECT stream, sum(records_in)::bigint, sum(duplicates)::bigint,"
        " sum(dead_letters)::bigint, sum(waiting)::bigint, sum(applied)::bigint,"
        " sum(excluded)::bigint, sum(unwritten)::bigint, sum(moved)::bigint"
        " FROM interestream.job_progress WHERE space_id = %s GROUP BY stream",
        (space_id,),
    ).fetchall()
    found = {row[0]: Progress(*row[1:]) for row in rows}
    return {
        stream: found.get(stream, Progress())
        for stream in ("events", "control", "items", "vectors")
    }
