"""remove_user_items(): relations of users who are not seen any more."""

import psycopg

from tests.sql.maintain.builders import add_relation, add_user

REMOVE = (
    "SELECT last_user, last_item, removed"
    " FROM interestream.remove_user_items(now() - interval '100 days', %s, %s, %s)"
)


def left(db):
    return db.execute(
        "SELECT user_id, item_id FROM interestream.user_items ORDER BY 1, 2"
    ).fetchall()


def test_only_relations_of_users_who_are_gone_go(shop):
    add_user(shop, "ann", 101)
    add_user(shop, "bob", 99)
    for user in ("ann", "bob", "cid"):  # cid has no row of a user, as after opt_out
        add_relation(shop, user, "old", 101)
        add_relation(shop, user, "new", 99)
    assert shop.execute(REMOVE, [None, None, 10]).fetchone() == ("cid", "old", 2)
    assert left(shop) == [
        ("ann", "new"),
        ("bob", "new"),
        ("bob", "old"),
        ("cid", "new"),
    ]


def test_pages_end_in_the_middle_of_a_user(shop):
    for item in ("a", "b", "c"):
        add_relation(shop, "ann", item, 200)
    assert shop.execute(REMOVE, [None, None, 2]).fetchone() == ("ann", "b", 2)
    assert shop.execute(REMOVE, ["ann", "b", 2]).fetchone() == ("ann", "c", 1)
    assert shop.execute(REMOVE, ["ann", "c", 2]).fetchone() == (None, None, 0)


def test_a_user_who_is_seen_in_any_space_keeps_them(shop):
    shop.execute("SELECT interestream.create_space('mini', '1', 'bb', 8, array_fill(0, '{8}'))")
    add_user(shop, "ann", 500)
    add_user(shop, "ann", 5, space=2)
    add_relation(shop, "ann", "a", 500)
    assert shop.execute(REMOVE, [None, None, 9]).fetchone() == ("ann", "a", 0)
    assert left(shop) == [("ann", "a")]


def test_a_row_that_the_job_is_writing_stays(dsn):
    with psycopg.connect(dsn, autocommit=True) as db, psycopg.connect(dsn) as job:
        add_relation(db, "ann", "a", 200)
        job.execute("UPDATE interestream.user_items SET last_at = now()")
        db.execute("SET lock_timeout = '1s'")
        assert db.execute(REMOVE, [None, None, 9]).fetchone() == ("ann", "a", 0)
        job.commit()
        assert left(db) == [("ann", "a")]
