"""Rows of a given age, as the job would have left them."""

import psycopg

from tests.sql.builders import add_space, seeded, set_interests, set_window


def add_letter(
    db: psycopg.Connection,
    seq: int,
    age_days: float,
    *,
    space: int = 1,
    stream: str = "events",
    reason: str = "bad_time",
    user: str | None = None,
) -> None:
    """A dead letter that was written `age_days` ago; its record is `raw SEQ`."""
    db.execute(
        """
        INSERT INTO interestream.dead_letters
        (space_id, epoch, stream, bucket, seq, raw, reason, user_id, committed_at)
        VALUES (%s, 1, %s, 0, %s, %s, %s, %s, now() - %s * interval '1 day')
        """,
        [space, stream, seq, f"raw {seq}".encode(), reason, user, age_days],
    )


def add_user(db: psycopg.Connection, user: str, age_days: float, *, space: int = 1) -> None:
    """A user with an own row and two windows, last written `age_days` ago."""
    for kind in ("recent", "day"):
        set_window(db, user, kind, seeded(1)[0], space=space)
    set_interests(db, user, ["a"], space=space)
    db.execute(
        "UPDATE interestream.users SET committed_at = now() - %s * interval '1 day'"
        " WHERE user_id = %s AND space_id = %s",
        [age_days, user, space],
    )


def add_relation(db: psycopg.Connection, user: str, item: str, age_days: float) -> None:
    """A row of `user_items` whose last event was `age_days` ago."""
    db.execute(
        "INSERT INTO interestream.user_items (user_id, item_id, actions, first_at, last_at)"
        " SELECT %s, %s, 2, t, t FROM (SELECT now() - %s * interval '1 day') AS a (t)",
        [user, item, age_days],
    )


def add_old_space(db: psycopg.Connection, sha256: str, age_days: float) -> int:
    """A space beside the active one that was made `age_days` ago."""
    space = add_space(db, sha256=sha256, index=False)
    db.execute(
        "UPDATE interestream.spaces SET created_at = now() - %s * interval '1 day'"
        " WHERE space_id = %s",
        [age_days, space],
    )
    return space


def written(db: psycopg.Connection, space: int, age_days: float) -> None:
    """Let the job of a space have committed `age_days` ago."""
    db.execute(
        """
        INSERT INTO interestream.job_progress
        (space_id, stream, bucket, epoch, records_in, duplicates, dead_letters, waiting, applied,
         excluded, committed_at)
        VALUES (%s, 'events', 0, 1, 1, 0, 0, 0, 1, 0, now() - %s * interval '1 day')
        """,
        [space, age_days],
    )
