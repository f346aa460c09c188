"""What the job has committed so far, as it counts itself in Postgres."""

import psycopg

from jobs.core.progress import Progress


def read_progress(db: psycopg.Connection, space_id: int) -> dict[str, Progress]:
    """Progress of a space by stream: events, control, items, vectors (of changed item texts)."""
    rows = db.execute(
        "SELECT stream, sum(records_in)::bigint, sum(duplicates)::bigint,"
        " sum(dead_letters)::bigint, sum(waiting)::bigint, sum(applied)::bigint,"
        " sum(excluded)::bigint, sum(unwritten)::bigint"
        " FROM interestream.job_progress WHERE space_id = %s GROUP BY stream",
        (space_id,),
    ).fetchall()
    found = {row[0]: Progress(*row[1:]) for row in rows}
    return {
        stream: found.get(stream, Progress())
        for stream in ("events", "control", "items", "vectors")
    }
