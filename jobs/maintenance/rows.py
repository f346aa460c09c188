"""Removes rows of Postgres, in transactions of a batch each; or counts them."""

from collections.abc import Callable
from datetime import datetime
from typing import LiteralString

import psycopg

from jobs.maintenance.outcome import Removed

BATCH = 5_000
"""Rows, or users, of a transaction."""
ITEMS_OF_A_BATCH = 500
"""Deleting items looks through all neighbours once a batch."""

Step = Callable[[psycopg.Connection, datetime, bool], Removed]
"""Removes what is older than a time of the database's clock, or counts it (True)."""

_UNSEEN = """
SELECT count(*) FROM interestream.user_items AS r
WHERE r.last_at < %(before)s AND NOT EXISTS (
    SELECT FROM interestream.spaces AS s
    INNER JOIN interestream.users AS u ON u.space_id = s.space_id
    WHERE u.user_id = r.user_id AND u.committed_at >= %(before)s
)
"""
_WITHDRAWN = """
FROM interestream.items AS i WHERE NOT i.available AND i.committed_at < %(before)s
"""
# Whoever writes items holds this lock shared: no item comes back between the question and its end.
_NO_ITEMS_NOW = """
SELECT pg_advisory_xact_lock('interestream.deleted_items'::regclass::oid::integer, 0)
"""


def remove_dead_letters(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """Dead letters that were written before; their number stays."""
    if dry_run:
        query = "SELECT count(*) FROM interestream.dead_letters WHERE committed_at < %s"
        return Removed(_number(db, query, before), "rows")
    total = 0
    while gone := _number(db, "SELECT interestream.remove_dead_letters(%s, %s)", before, BATCH):
        total += gone
    return Removed(total, "rows", vacuum={"dead_letters": total})


def remove_users(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """Rows of users whose own row was last written before, in each space."""
    if dry_run:
        users = _number(
            db, "SELECT count(*) FROM interestream.users WHERE committed_at < %s", before
        )
        return Removed(users, "users")
    users = windows = 0
    query = "SELECT * FROM interestream.remove_users(%s, %s, %s, %s)"
    for (space,) in db.execute("SELECT space_id FROM interestream.spaces ORDER BY 1").fetchall():
        last: str | None = None
        while row := db.execute(query, (space, before, last, BATCH)).fetchone():
            last, users, windows = row[0], users + row[1], windows + row[2]
            if last is None:
                break
    return Removed(users, "users", vacuum={"users": users, "user_windows": windows})


def remove_user_items(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """Relations of users of whom nothing has come since."""
    if dry_run:
        return Removed(_number(db, _UNSEEN, {"before": before}), "rows")
    query = "SELECT * FROM interestream.remove_user_items(%s, %s, %s, %s)"
    total = _by_user_and_item(db, query, before)
    return Removed(total, "rows", vacuum={"user_items": total})


def remove_shown_items(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """What users were shown, in rows that were written before."""
    if dry_run:
        query = "SELECT count(*) FROM interestream.shown_items WHERE committed_at < %s"
        return Removed(_number(db, query, before), "rows")
    query = "SELECT * FROM interestream.remove_shown_items(%s, %s, %s, %s)"
    total = _by_user_and_item(db, query, before)
    return Removed(total, "rows", vacuum={"shown_items": total})


def _by_user_and_item(db: psycopg.Connection, query: LiteralString, before: datetime) -> int:
    """Call a function that removes a page of rows after another, and return how many went."""
    total = 0
    last: tuple[str | None, str | None] = (None, None)
    while row := db.execute(query, (before, *last, BATCH)).fetchone():
        last, total = (row[0], row[1]), total + row[2]
        if last[0] is None:
            break
    return total


def remove_withdrawn_items(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """Items that were withdrawn, and whose row was last written, before."""
    parameters: dict[str, object] = {"before": before}
    if dry_run:
        return Removed(_number(db, f"SELECT count(*) {_WITHDRAWN}", parameters), "items")
    total = 0
    while True:
        with db.transaction():
            db.execute(_NO_ITEMS_NOW)
            query = f"SELECT i.item_id {_WITHDRAWN} ORDER BY i.item_id LIMIT {ITEMS_OF_A_BATCH}"
            rows = db.execute(query.encode(), parameters).fetchall()
            if not rows:
                return Removed(total, "items", vacuum={"items": total, "item_vectors": total})
            db.execute("SELECT interestream.delete_items(%s)", ([item for (item,) in rows],))
            total += len(rows)


def remove_transfers(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """Rows of transfers that no run of the job reads any more."""
    query = "SELECT interestream.remove_transfers(%s, %s, %s)"
    if dry_run:
        return Removed(_number(db, query, before, BATCH, True), "rows")
    total = 0
    while gone := _number(db, query, before, BATCH, False):
        total += gone
    return Removed(total, "rows", vacuum={"transfers": total})


def remove_leftovers(db: psycopg.Connection, dry_run: bool) -> Removed:
    """Rows of spaces that are gone, which jobs of older versions went on writing."""
    return Removed(_number(db, "SELECT interestream.remove_leftovers(%s)", dry_run), "rows")


def drop_old_spaces(db: psycopg.Connection, before: datetime, dry_run: bool) -> Removed:
    """Spaces that nobody has used since, a transaction each; never the active or previous one."""
    names = []
    for space, bundle, _ in db.execute(
        "SELECT * FROM interestream.old_spaces(%s)", (before,)
    ).fetchall():
        if not dry_run and not _drop(db, space, before):
            continue
        names.append(f"{space} ({bundle})")
    return Removed(len(names), "spaces", tuple(names))


def _drop(db: psycopg.Connection, space: int, before: datetime) -> bool:
    """Drop a space unless somebody has begun to use it since the list was made."""
    with db.transaction():
        still = "SELECT EXISTS (SELECT FROM interestream.old_spaces(%s) WHERE space_id = %s)"
        if db.execute(still, (before, space)).fetchone() != (True,):
            return False
        db.execute("SELECT interestream.drop_space(%s)", (space,))
    return True


def _number(db: psycopg.Connection, query: str, *parameters: object) -> int:
    given = parameters[0] if parameters and isinstance(parameters[0], dict) else parameters
    row = db.execute(query.encode(), given).fetchone()
    return int(row[0]) if row else 0
