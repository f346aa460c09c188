"""What the job has committed so far, as it counts itself in Postgres."""

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True)
class Counters:
    """Totals of one stream over all buckets; ``records_in`` is the sum of the others, but for
    items, whose ``applied`` counts changed texts."""

    records_in: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    waiting: int = 0
    applied: int = 0
    excluded: int = 0


def read_counters(db: psycopg.Connection, space_id: int) -> dict[str, Counters]:
    """Counters of a space by stream: events, control, items, vectors (of changed item texts)."""
    rows = db.execute(
        "SELECT stream, sum(records_in)::bigint, sum(duplicates)::bigint,"
        " sum(dead_letters)::bigint, sum(waiting)::bigint, sum(applied)::bigint,"
        " sum(excluded)::bigint FROM interestream.job_progress WHERE space_id = %s GROUP BY stream",
        (space_id,),
    ).fetchall()
    found = {row[0]: Counters(*row[1:]) for row in rows}
    return {
        stream: found.get(stream, Counters())
        for stream in ("events", "control", "items", "vectors")
    }
