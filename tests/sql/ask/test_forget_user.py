"""forget_user(): nothing of a user stays, and nobody else loses a row."""

import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    add_item,
    add_space,
    interact,
    keep_day,
    seeded,
    set_interests,
    set_window,
    show,
)

TABLES = (
    "users",
    "user_windows",
    "user_topic_history",
    "user_items",
    "shown_items",
    "dead_letters",
)


def rows_of(db, user):
    return {
        table: db.execute(
            f"SELECT count(*) FROM interestream.{table} WHERE user_id = %s", [user]
        ).fetchone()[0]
        for table in TABLES
    }


@pytest.fixture
def crowd(shop):
    second = add_space(shop, sha256="bb")
    add_item(shop, "a", seeded(1)[0])
    for seq, user in enumerate(("ann", "bob")):
        for space in (1, second):
            set_window(shop, user, "recent", seeded(1)[0], space=space)
            set_interests(shop, user, ["a"], space=space)
            keep_day(shop, user, NOON.date(), {"music": 1.0}, space=space)
        interact(shop, user, "a", "like")
        show(shop, user, "a", NOON)
        shop.execute(
            """
            INSERT INTO interestream.dead_letters
            (space_id, epoch, stream, bucket, seq, raw, reason, user_id)
            VALUES (1, 1, 'events', 0, %s, 'x', 'bad_time', %s)
            """,
            [seq, user],
        )
    return shop


def test_every_row_of_the_user_goes_in_all_spaces(crowd):
    before = rows_of(crowd, "bob")
    assert rows_of(crowd, "ann") == before
    assert crowd.execute("SELECT interestream.forget_user('ann')").fetchone() == (
        sum(before.values()),
    )
    assert rows_of(crowd, "ann") == dict.fromkeys(TABLES, 0)
    assert rows_of(crowd, "bob") == before


def test_no_table_with_a_user_is_left_out(crowd):
    tables = crowd.execute(
        """
        SELECT c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p')
            AND a.attname = 'user_id'
        """
    ).fetchall()
    assert {name for (name,) in tables} == set(TABLES)


def test_a_user_stands_in_no_column_of_another_name(crowd):
    """forget_user() and user_data() find users by the name of this column."""
    columns = crowd.execute(
        """
        SELECT DISTINCT a.attname::text
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p')
            AND a.attnum > 0 AND a.attname LIKE '%user%' AND a.atttypid <> 'integer'::regtype
        """
    ).fetchall()
    assert columns == [("user_id",)]


def test_an_unknown_user_is_no_row(crowd):
    assert crowd.execute("SELECT interestream.forget_user('nobody')").fetchone() == (0,)


def test_no_user_is_a_clear_error(crowd):
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        crowd.execute("SELECT interestream.forget_user(NULL)")
