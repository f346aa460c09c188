"""remove_dead_letters(): the oldest go in batches, and their number stays."""

from datetime import timedelta

import psycopg
import pytest

from tests.sql.maintain.builders import add_letter

REMOVE = "SELECT interestream.remove_dead_letters(now() - interval '90 days', %s)"
COUNTS = (
    "SELECT stream, reason, letters FROM interestream.removed_dead_letters ORDER BY stream, reason"
)


def left(db):
    return [n for (n,) in db.execute("SELECT seq FROM interestream.dead_letters ORDER BY 1")]


def test_a_batch_takes_the_oldest_and_the_rest_follows(shop):
    for seq, days in enumerate((91, 300, 200, 89)):
        add_letter(shop, seq, days)
    assert shop.execute(REMOVE, [2]).fetchone() == (2,)
    assert left(shop) == [0, 3]
    assert shop.execute(REMOVE, [2]).fetchone() == (1,)
    assert shop.execute(REMOVE, [2]).fetchone() == (0,)
    assert left(shop) == [3]


def test_counts_by_stream_and_reason_add_up_over_batches(shop):
    add_letter(shop, 0, 100)
    add_letter(shop, 1, 101)
    add_letter(shop, 2, 102, reason="not_json")
    add_letter(shop, 3, 103, stream="items")
    for _ in range(4):
        shop.execute(REMOVE, [1])
    assert shop.execute(COUNTS).fetchall() == [
        ("events", "bad_time", 2),
        ("events", "not_json", 1),
        ("items", "bad_time", 1),
    ]
    (newest,) = shop.execute(
        "SELECT now() - newest_at FROM interestream.removed_dead_letters"
        " WHERE stream = 'events' AND reason = 'bad_time'"
    ).fetchone()
    assert newest == timedelta(days=100)


def test_a_letter_that_another_transaction_holds_is_left_and_not_waited_for(dsn):
    with psycopg.connect(dsn, autocommit=True) as db, psycopg.connect(dsn) as job:
        add_letter(db, 0, 100)
        add_letter(db, 1, 100)
        job.execute("UPDATE interestream.dead_letters SET detail = 'mine' WHERE seq = 0")
        db.execute("SET lock_timeout = '1s'")
        assert db.execute(REMOVE, [10]).fetchone() == (1,)
        assert left(db) == [0]
        job.commit()
        assert db.execute(REMOVE, [10]).fetchone() == (1,)
        assert db.execute(COUNTS).fetchall() == [("events", "bad_time", 2)]


def test_the_counts_of_a_space_go_with_it(shop):
    shop.execute(
        "INSERT INTO interestream.removed_dead_letters"
        " VALUES (1, 'events', 'bad_time', 5, now()), (2, 'events', 'bad_time', 7, now())"
    )
    shop.execute("SELECT interestream.create_space('mini', '1', 'bb', 1, '{0}', false)")
    shop.execute("SELECT interestream.drop_space(2)")
    assert shop.execute(COUNTS).fetchall() == [("events", "bad_time", 5)]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_batch_of_no_rows_is_refused(shop, limit):
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        shop.execute(REMOVE, [limit])
