"""Why records died since a moment: the dead letters that a job has written behind its counters."""

from collections import Counter

import psycopg

Counted = list[tuple[str, int, int, int]]
"""Stream, bucket, epoch, and how many dead letters there were."""

_SINCE = """
SELECT p.stream, d.reason, count(*)
FROM interestream.job_progress AS p
INNER JOIN interestream.dead_letters AS d
    ON p.space_id = d.space_id AND p.epoch = d.epoch AND p.stream = d.stream AND p.bucket = d.bucket
LEFT JOIN unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[]) AS b (
    stream, bucket, epoch, letters
)
    ON p.stream = b.stream AND p.bucket = b.bucket AND p.epoch = b.epoch
WHERE p.space_id = %s AND d.seq >= coalesce(b.letters, 0)
GROUP BY p.stream, d.reason
"""


def dead_letters_now(db: psycopg.Connection, space_id: int) -> Counted:
    """How many dead letters each bucket has counted: their numbers go on from there."""
    return db.execute(
        "SELECT stream, bucket, epoch, dead_letters FROM interestream.job_progress"
        " WHERE space_id = %s",
        (space_id,),
    ).fetchall()


def reasons_since(
    db: psycopg.Connection, space_id: int, before: Counted
) -> dict[str, Counter[str]] | None:
    """The reasons of the dead letters since `before`, by stream.

    None where the role may not read dead letters. Letters of users who are forgotten are counted
    by the job and not kept, so they are missing here.
    """
    columns = [list(column) for column in zip(*before, strict=True)] or [[], [], [], []]
    try:
        rows = db.execute(_SINCE, (*columns, space_id)).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        return None
    found: dict[str, Counter[str]] = {}
    for stream, reason, count in rows:
        found.setdefault(stream, Counter())[reason] = count
    return found
