"""hold_space(): a space that is written to is not deleted, and one that is gone is not held."""

import threading

import psycopg
import pytest

from tests.sql.builders import add_space

HOLD = "SELECT interestream.hold_space(%s)"
WRITE = (
    "INSERT INTO interestream.users"
    " (space_id, user_id, events, last_event_at, interest_items, interest_weights,"
    " interest_sizes, epoch, version)"
    " VALUES (%s, 'ann', 1, now(), '{}', '{}', '{}', 1, 1)"
)


def waits_for_a_lock(db: psycopg.Connection, pid: int) -> bool:
    row = db.execute(
        "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [pid]
    ).fetchone()
    return row == (True,)


def test_it_says_whether_there_is_such_a_space(shop):
    assert shop.execute(HOLD, [1]).fetchone() == (True,)
    assert shop.execute(HOLD, [9]).fetchone() == (False,)


def test_holders_do_not_wait_for_each_other_and_a_deletion_waits_for_them(dsn):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        space = add_space(db, sha256="bb")
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other, psycopg.connect(dsn) as third:
        for holder in (one, other):
            holder.execute("SET lock_timeout = '100ms'")
            holder.execute(HOLD, [space])
        third.execute("SET lock_timeout = '100ms'")
        third.commit()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            third.execute("SELECT interestream.drop_space(%s)", [space])
        third.rollback()
        one.rollback()
        other.rollback()
        third.execute("SELECT interestream.drop_space(%s)", [space])


def test_rows_that_a_holder_writes_before_the_deletion_go_and_none_come_after_it(dsn):
    """A row that the deletion's own statements could not see, since it was not committed."""
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        space = add_space(db, sha256="bb")
        with psycopg.connect(dsn) as writer, psycopg.connect(dsn, autocommit=True) as admin:
            writer.execute(HOLD, [space])
            writer.execute(WRITE, [space])
            dropping = threading.Thread(
                target=lambda: admin.execute("SELECT interestream.drop_space(%s)", [space])
            )
            dropping.start()
            while not waits_for_a_lock(db, admin.info.backend_pid):
                assert dropping.is_alive()
            writer.commit()
            dropping.join(60)
            # It waited, or came later: either way it knows.
            assert writer.execute(HOLD, [space]).fetchone() == (False,)
        assert db.execute("SELECT count(*) FROM interestream.users").fetchone() == (0,)


def test_who_waits_for_the_end_of_a_deletion_sees_that_the_space_is_gone(dsn):
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
        space = add_space(db, sha256="bb")
        with psycopg.connect(dsn) as admin, psycopg.connect(dsn, autocommit=True) as writer:
            admin.execute("SELECT interestream.drop_space(%s)", [space])
            found: list[object] = []
            waiting = threading.Thread(
                target=lambda: found.append(writer.execute(HOLD, [space]).fetchone())
            )
            waiting.start()
            while not waits_for_a_lock(db, writer.info.backend_pid):
                assert waiting.is_alive()
            admin.commit()
            waiting.join(60)
        assert found == [(False,)]


def test_a_writer_may_hold_a_space(shop):
    shop.execute("SET LOCAL ROLE interestream_writer")
    assert shop.execute(HOLD, [1]).fetchone() == (True,)
