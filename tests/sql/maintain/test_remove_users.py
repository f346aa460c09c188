"""remove_users(): page by page, users whose row has not been written for long."""

import psycopg

from tests.sql.builders import NOON, keep_day
from tests.sql.maintain.builders import add_relation, add_user

REMOVE = (
    "SELECT last_user, users, windows"
    " FROM interestream.remove_users(%s, now() - interval '400 days', %s, %s)"
)


def known(db, space=1):
    windows = db.execute(
        "SELECT DISTINCT user_id FROM interestream.user_windows WHERE space_id = %s ORDER BY 1",
        [space],
    ).fetchall()
    users = db.execute(
        "SELECT user_id FROM interestream.users WHERE space_id = %s ORDER BY 1", [space]
    ).fetchall()
    assert users == windows
    return [name for (name,) in users]


def test_pages_go_by_user_until_there_is_none(shop):
    for user, days in (("ann", 500), ("bob", 3), ("cid", 401), ("dan", 399)):
        add_user(shop, user, days)
    assert shop.execute(REMOVE, [1, None, 2]).fetchone() == ("bob", 1, 2)
    assert known(shop) == ["bob", "cid", "dan"]
    assert shop.execute(REMOVE, [1, "bob", 2]).fetchone() == ("dan", 1, 2)
    assert shop.execute(REMOVE, [1, "dan", 2]).fetchone() == (None, 0, 0)
    assert known(shop) == ["bob", "dan"]


def test_the_topics_by_day_go_with_the_user(shop):
    for user, days in (("ann", 500), ("bob", 3)):
        add_user(shop, user, days)
        keep_day(shop, user, NOON.date(), {"music": 1.0})
    shop.execute(REMOVE, [1, None, 10])
    left = shop.execute("SELECT user_id FROM interestream.user_topic_history").fetchall()
    assert left == [("bob",)]


def test_other_spaces_and_what_was_seen_stay(shop):
    shop.execute("SELECT interestream.create_space('mini', '1', 'bb', 8, array_fill(0, '{8}'))")
    for space in (1, 2):
        add_user(shop, "ann", 500, space=space)
    add_relation(shop, "ann", "a", 500)
    shop.execute(REMOVE, [1, None, 10])
    assert (known(shop), known(shop, 2)) == ([], ["ann"])
    assert shop.execute("SELECT count(*) FROM interestream.user_items").fetchone() == (1,)


def test_a_user_whom_the_job_is_writing_stays_and_nobody_waits(dsn):
    with psycopg.connect(dsn, autocommit=True) as db, psycopg.connect(dsn) as job:
        db.execute("SELECT interestream.create_space('mini', '1', 'aa', 8, array_fill(0, '{8}'))")
        add_user(db, "ann", 500)
        add_user(db, "bob", 500)
        job.execute("UPDATE interestream.users SET committed_at = now() WHERE user_id = 'ann'")
        db.execute("SET lock_timeout = '1s'")
        assert db.execute(REMOVE, [1, None, 10]).fetchone() == ("bob", 1, 2)
        assert known(db) == ["ann"]
        job.commit()
        assert db.execute(REMOVE, [1, None, 10]).fetchone() == ("ann", 0, 0)
