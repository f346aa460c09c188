"""deleted_items_since(): what was deleted behind a number, in order, and under a shared lock."""

import psycopg
import pytest

SINCE = "SELECT number, item_id FROM interestream.deleted_items_since(%s)"


def test_each_call_gives_what_came_behind_the_last_number(db):
    assert db.execute(SINCE, [0]).fetchall() == []
    db.execute("SELECT interestream.delete_items('{b,a}')")
    (_, first), (number, second) = db.execute(SINCE, [0]).fetchall()
    assert (first, second) == ("a", "b")
    db.execute("SELECT interestream.delete_items('{c}')")
    db.execute("SELECT interestream.delete_items('{a}')")
    assert [item for _, item in db.execute(SINCE, [number]).fetchall()] == ["c"]


def test_readers_do_not_wait_for_each_other_and_a_deletion_waits_for_them(dsn):
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other, psycopg.connect(dsn) as third:
        for reader in (one, other):
            reader.execute("SET lock_timeout = '100ms'")
            reader.execute(SINCE, [0])
        third.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            third.execute("SELECT interestream.delete_items('{a}')")
        third.rollback()
        one.commit()
        other.rollback()
        third.execute("SELECT interestream.delete_items('{a}')")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            one.execute(SINCE, [0])
