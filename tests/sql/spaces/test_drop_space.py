"""drop_space(): a space goes with all its rows, unless it is the active one."""

import threading
import time

import psycopg
import pytest

from tests.sql.builders import add_item, add_space, add_vector, seeded, set_interests, set_window
from tests.sql.experiments import PLAIN, start


def test_dropping_a_space_takes_its_rows_and_leaves_the_others(shop):
    second = add_space(shop, sha256="bb")
    add_item(shop, "a", seeded(1)[0])
    add_vector(shop, "a", seeded(1)[0], space=second)
    for space in (1, second):
        set_window(shop, "ann", "recent", seeded(1)[0], space=space)
        set_interests(shop, "ann", ["a"], space=space)
        shop.execute(
            "INSERT INTO interestream.item_neighbors VALUES"
            " (%s, 'a', '{b}', '{1}', 1, now(), 60, 1, 1)",
            [space],
        )
    shop.execute("SELECT interestream.drop_space(%s)", [second])
    for table in ("spaces", "item_vectors", "user_windows", "users", "item_neighbors"):
        rows = shop.execute(f"SELECT DISTINCT space_id FROM interestream.{table}").fetchall()
        assert rows == [(1,)], table
    assert shop.execute("SELECT count(*) FROM interestream.items").fetchone() == (1,)
    partition = f"interestream.item_vectors_{second}"
    assert shop.execute("SELECT to_regclass(%s)", [partition]).fetchone() == (None,)


def test_the_active_space_cannot_be_dropped(shop):
    with pytest.raises(psycopg.errors.ObjectInUse):
        shop.execute("SELECT interestream.drop_space(1)")


def test_the_space_of_a_running_experiments_variant_cannot_be_dropped(shop):
    other = add_space(shop, sha256="bb")
    start(shop, PLAIN, {"variant": "other", "share": 0.5, "space": other})
    with pytest.raises(psycopg.errors.ObjectInUse, match="experiment"), shop.transaction():
        shop.execute("SELECT interestream.drop_space(%s)", [other])
    shop.execute("SELECT interestream.end_experiment()")
    shop.execute("SELECT interestream.drop_space(%s)", [other])


def test_only_an_administrator_drops_a_space(shop):
    second = add_space(shop, sha256="bb")
    shop.execute("SET LOCAL ROLE interestream_admin")
    shop.execute("SELECT interestream.drop_space(%s)", [second])


def test_an_unknown_space_is_a_clear_error(shop):
    with pytest.raises(psycopg.errors.UndefinedObject, match="no embedding space 99"):
        shop.execute("SELECT interestream.drop_space(99)")


def test_lines_that_the_active_space_has_too_go_and_others_become_its_own(shop):
    second = add_space(shop, sha256="bb")
    for space, epoch, raw in ((1, 10, b"both"), (second, 20, b"both"), (second, 20, b"lost since")):
        shop.execute(
            "INSERT INTO interestream.dead_letters"
            " (space_id, epoch, stream, bucket, seq, raw, reason)"
            " VALUES (%s, %s, 'events', 0, %s, %s, 'not_json')",
            [space, epoch, len(raw), raw],
        )
    shop.execute("SELECT interestream.drop_space(%s)", [second])
    rows = shop.execute("SELECT space_id, raw FROM interestream.active_dead_letters").fetchall()
    assert sorted(rows) == [(1, b"both"), (1, b"lost since")]
    assert shop.execute("SELECT count(*) FROM interestream.dead_letters").fetchone() == (2,)


def test_readers_pass_while_a_space_waits_for_a_long_query_to_be_dropped(dsn):
    reads = "SELECT count(*) FROM interestream.item_vectors"
    with psycopg.connect(dsn, autocommit=True) as admin, psycopg.connect(dsn) as long_query:
        add_space(admin)
        second = add_space(admin, sha256="bb")
        add_vector(admin, "a", seeded(1)[0], space=1)
        long_query.execute(reads)

        def drop():
            with psycopg.connect(dsn, autocommit=True) as db:
                db.execute("SET lock_timeout = '7s'")
                db.execute("SELECT interestream.drop_space(%s)", [second])
                told.append(db.execute("SHOW lock_timeout").fetchone())

        told: list[object] = []
        dropping = threading.Thread(target=drop)
        dropping.start()
        admin.execute("SET lock_timeout = '5s'")
        for _ in range(10):
            assert admin.execute(reads).fetchone() == (1,)
            time.sleep(0.1)
        assert dropping.is_alive()
        long_query.rollback()
        dropping.join(30)
        assert told == [("7s",)]
        assert admin.execute("SELECT space_id FROM interestream.spaces").fetchall() == [(1,)]
