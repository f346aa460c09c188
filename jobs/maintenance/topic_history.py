"""Keeps the topics of users by day, so that it can be seen how interests moved."""

from datetime import datetime

import psycopg

from jobs.maintenance.outcome import Removed

USERS_OF_A_BATCH = 1_000
"""Forgetting a user waits for the end of a batch in which the user is."""
ROWS_OF_A_BATCH = 5_000


def keep_topic_history(
    days: int, db: psycopg.Connection, before: datetime, dry_run: bool
) -> Removed:
    """Keep the topics of users whose rows have changed since, in each space, a transaction a batch.

    Rows that were kept before `before` go, and of each user those that are `days` days older than
    the newest. With 0 days all rows go, and none is written.
    """
    if dry_run:
        query = "SELECT count(*) FROM interestream.user_topic_history WHERE kept_at < %s"
        return Removed(_number(db, query, before), "rows", written=0)
    removed = written = 0
    spaces = "SELECT space_id FROM interestream.spaces WHERE of_space IS NULL ORDER BY 1"
    for (space,) in db.execute(spaces).fetchall():
        if not days:
            break
        last: str | None = None
        query = "SELECT * FROM interestream.keep_topics(%s, %s, %s, %s)"
        while row := db.execute(query, (space, days, last, USERS_OF_A_BATCH)).fetchone():
            last, written, removed = row[0], written + row[1], removed + row[2]
            if last is None:
                break
    query = "SELECT interestream.remove_topic_history(%s, %s)"
    while gone := _number(db, query, before, ROWS_OF_A_BATCH):
        removed += gone
    return Removed(removed, "rows", written=written, vacuum={"user_topic_history": removed})


def _number(db: psycopg.Connection, query: str, *parameters: object) -> int:
    row = db.execute(query.encode(), parameters).fetchone()
    return int(row[0]) if row else 0
