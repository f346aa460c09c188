"""remove_topic_history(): rows that were kept before a time, in batches."""

from datetime import timedelta

import psycopg
import pytest

from tests.sql.builders import NOON, keep_day

REMOVE = "SELECT interestream.remove_topic_history(now() - interval '28 days', %s)"


def left(db: psycopg.Connection) -> list[str]:
    rows = db.execute("SELECT user_id FROM interestream.user_topic_history ORDER BY 1").fetchall()
    return [user for (user,) in rows]


def test_the_oldest_rows_go_first_whatever_their_day(db):
    for number, (user, age) in enumerate((("ann", 30), ("bob", 27), ("cid", 40), ("dan", 29))):
        day = NOON.date() + timedelta(days=number)
        keep_day(db, user, day, {"music": 1.0}, age_days=age)
    assert db.execute(REMOVE, [2]).fetchone() == (2,)
    assert left(db) == ["bob", "dan"]
    assert db.execute(REMOVE, [2]).fetchone() == (1,)
    assert db.execute(REMOVE, [2]).fetchone() == (0,)
    assert left(db) == ["bob"]


def test_a_row_that_is_held_stays_and_nobody_waits(dsn):
    with psycopg.connect(dsn, autocommit=True) as db, psycopg.connect(dsn) as other:
        keep_day(db, "ann", NOON.date(), {"music": 1.0}, age_days=30)
        keep_day(db, "bob", NOON.date(), {"music": 1.0}, age_days=30)
        other.execute("DELETE FROM interestream.user_topic_history WHERE user_id = 'ann'")
        db.execute("SET lock_timeout = '1s'")
        assert db.execute(REMOVE, [10]).fetchone() == (1,)
        other.rollback()
        assert left(db) == ["ann"]


def test_no_batch_is_a_clear_error(db):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        db.execute(REMOVE, [0])
