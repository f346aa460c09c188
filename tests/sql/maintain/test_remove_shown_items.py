"""remove_shown_items(): impressions that were written long ago."""

import psycopg

REMOVE = (
    "SELECT last_user, last_item, removed"
    " FROM interestream.remove_shown_items(now() - interval '60 days', %s, %s, %s)"
)


def add_shown(db, user, item, days):
    db.execute(
        "INSERT INTO interestream.shown_items"
        " VALUES (%s, %s, ARRAY[now()], now() - make_interval(days => %s))",
        [user, item, days],
    )


def left(db):
    return db.execute(
        "SELECT user_id, item_id FROM interestream.shown_items ORDER BY 1, 2"
    ).fetchall()


def test_only_rows_that_were_written_before_go(shop):
    add_shown(shop, "ann", "old", 61)
    add_shown(shop, "ann", "new", 59)
    add_shown(shop, "bob", "old", 90)
    assert shop.execute(REMOVE, [None, None, 10]).fetchone() == ("bob", "old", 2)
    assert left(shop) == [("ann", "new")]


def test_pages_end_in_the_middle_of_a_user(shop):
    for item in ("a", "b", "c"):
        add_shown(shop, "ann", item, 99)
    assert shop.execute(REMOVE, [None, None, 2]).fetchone() == ("ann", "b", 2)
    assert shop.execute(REMOVE, ["ann", "b", 2]).fetchone() == ("ann", "c", 1)
    assert shop.execute(REMOVE, ["ann", "c", 2]).fetchone() == (None, None, 0)


def test_a_row_that_the_job_is_writing_stays(dsn):
    with psycopg.connect(dsn, autocommit=True) as db, psycopg.connect(dsn) as job:
        add_shown(db, "ann", "a", 99)
        job.execute("UPDATE interestream.shown_items SET committed_at = now()")
        db.execute("SET lock_timeout = '1s'")
        assert db.execute(REMOVE, [None, None, 9]).fetchone() == ("ann", "a", 0)
        job.commit()
        assert left(db) == [("ann", "a")]
