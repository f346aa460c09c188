"""delete_items(): nothing that says what an item is stays, and nothing served names it."""

import threading

import numpy as np
import psycopg
import pytest

from sql.apply import HERE
from tests.sql.builders import (
    NOON,
    add_item,
    add_space,
    add_vector,
    interact,
    seeded,
    set_interests,
    set_window,
    settle_groups,
)

GONE = ("items", "item_vectors", "item_neighbors", "trends", "dead_letters")
"""Tables of which rows of a deleted item go."""
KEPT = {"user_items", "shown_items", "deleted_items"}


def set_neighbors(db, item, neighbors, *, space=1):
    db.execute(
        """
        INSERT INTO interestream.item_neighbors
        (space_id, item_id, neighbor_ids, strengths, interactions, as_of, half_life_s, epoch,
         version)
        VALUES (%s, %s, %s, %s, 5, %s, 86400, 1, 1)
        """,
        [space, item, list(neighbors), list(neighbors.values()), NOON],
    )


def set_trends(db, *items):
    db.execute(
        """
        INSERT INTO interestream.trend_windows
        (space_id, horizon, length, window_start, window_end, as_of, interactions, largest,
         best_ids, epoch, version)
        VALUES (1, 'week', '7 days', %(at)s::timestamptz - interval '7 days', %(at)s, %(at)s, 9, 4,
                %(items)s, 1, 1)
        """,
        {"at": NOON, "items": list(items)},
    )
    for place, item in enumerate(items):
        db.execute(
            "INSERT INTO interestream.trends (space_id, horizon, item_id, interactions, weight)"
            " VALUES (1, 'week', %s, 4, %s)",
            [item, 9.0 - place],
        )


@pytest.fixture
def world(shop):
    """Items a to d, of which ann and bob liked a and b; a is everywhere."""
    second = add_space(shop, sha256="bb")
    for item, vector in zip("abcd", seeded(4), strict=True):
        add_item(shop, item, vector, title="Same" if item in "ad" else None)
        add_vector(shop, item, vector, space=second)
    settle_groups(shop)
    for user in ("ann", "bob"):
        set_window(shop, user, "recent", seeded(4)[0])
        set_interests(shop, user, ["a", "b"])
        interact(shop, user, "a", "like")
        interact(shop, user, "b", "like")
    set_neighbors(shop, "a", {"b": 2.0, "c": 1.0})
    set_neighbors(shop, "b", {"a": 3.0, "c": 2.0, "d": 1.0})
    set_neighbors(shop, "c", {"b": 1.0}, space=second)
    set_trends(shop, "a", "c", "b")
    letters = (("a", b'{"item_id":"a"'), ("b", b"b"), (None, b"{"))
    for seq, (owner, raw) in enumerate(letters):
        shop.execute(
            "INSERT INTO interestream.dead_letters"
            " (space_id, epoch, stream, bucket, seq, raw, reason, item_id)"
            " VALUES (1, 1, 'items', 0, %s, %s, 'not_json', %s)",
            [seq, raw, owner],
        )
    return shop


def delete(db, *items):
    (rows,) = db.execute("SELECT interestream.delete_items(%s)", [list(items)]).fetchone()
    return rows


def count(db, table, item):
    query = f"SELECT count(*) FROM interestream.{table} WHERE item_id = %s"
    return db.execute(query, [item]).fetchone()[0]


def test_every_row_of_the_item_goes_in_all_spaces_and_no_other(world):
    others = {table: count(world, table, "b") for table in GONE}
    assert {table: count(world, table, "a") for table in GONE} == others
    assert delete(world, "a") == sum(others.values()) == 6
    assert {table: count(world, table, "a") for table in GONE} == dict.fromkeys(GONE, 0)
    assert {table: count(world, table, "b") for table in GONE} == others
    assert count(world, "user_items", "a") == 2
    assert count(world, "deleted_items", "a") == 1


@pytest.mark.parametrize("others", ["", "stuvwxyz"])
def test_its_mention_among_neighbours_goes_and_the_others_keep_their_order(world, others):
    delete(world, "a", *others)
    rows = world.execute(
        "SELECT item_id, neighbor_ids, strengths FROM interestream.item_neighbors ORDER BY 1"
    ).fetchall()
    assert rows == [("b", ["c", "d"], [2.0, 1.0]), ("c", ["b"], [1.0])]
    delete(world, "b", "c", "d")
    assert world.execute("SELECT count(*) FROM interestream.item_neighbors").fetchone() == (0,)


def test_it_is_none_of_the_best_of_a_horizon(world):
    delete(world, "a")
    query = "SELECT best_ids FROM interestream.trend_windows"
    assert world.execute(query).fetchall() == [(["c", "b"],)]
    assert [row[0] for row in world.execute("SELECT item_id FROM interestream.trending()")] == [
        *"cb"
    ]


def test_the_others_of_its_group_are_settled(world):
    query = "SELECT item_id, representative FROM interestream.items WHERE title = 'Same'"
    assert sorted(world.execute(query).fetchall()) == [("a", "a"), ("d", "a")]
    delete(world, "a")
    assert world.execute(query).fetchall() == [("d", None)]


def test_no_answer_names_it(world):
    questions = [
        "SELECT * FROM interestream.recommend('carl')",
        "SELECT * FROM interestream.recommend('ann')",
        "SELECT * FROM interestream.recommend_more_like('b', 'ann')",
        "SELECT * FROM interestream.similar_items('b')",
        "SELECT * FROM interestream.user_interests('ann')",
        "SELECT * FROM interestream.trending()",
        "SELECT * FROM interestream.trending(p_half_life => '8 days')",
        "SELECT * FROM interestream.active_items",
    ]
    world.execute("UPDATE interestream.items SET title = 'A secret' WHERE item_id = 'a'")
    # What the job writes with the user's next row: medoids stay until then.
    before = "".join(str(world.execute(question).fetchall()) for question in questions)
    assert "A secret" in before
    delete(world, "a")
    for question in questions:
        for row in world.execute(question).fetchall():
            assert "A secret" not in str(row), question
            assert "a" not in row, question
    similar = world.execute(
        "SELECT user_id, liked_in_common, common_title, reason"
        " FROM interestream.similar_users('ann')"
    ).fetchall()
    assert [row[:2] for row in similar] == [("bob", 2)]
    assert "A secret" not in str(similar)
    with pytest.raises(psycopg.errors.NoDataFound):
        world.execute("SELECT * FROM interestream.similar_items('a')")


def test_no_table_with_an_item_is_left_out(world):
    tables = world.execute(
        """
        SELECT c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition AND a.attname = 'item_id'
        """
    ).fetchall()
    assert {name for (name,) in tables} == {*GONE, *KEPT}


def test_a_second_time_changes_nothing_and_unknown_items_count_as_deleted(world):
    delete(world, "a")
    assert delete(world, "a", "nowhere", "a") == 0
    rows = world.execute(
        "SELECT item_id FROM interestream.deleted_items ORDER BY number"
    ).fetchall()
    assert rows == [("a",), ("nowhere",)]
    assert delete(world) == 0


@pytest.mark.parametrize("items", ["NULL", "ARRAY[NULL]", "ARRAY['a', '']"])
def test_what_is_no_id_is_a_clear_error(world, items):
    with pytest.raises(psycopg.errors.NullValueNotAllowed, match="needs ids"):
        world.execute(f"SELECT interestream.delete_items({items}::text[])")


def test_letters_from_before_the_column_carry_the_item_of_what_is_json(dsn):
    # The migration's own statement, on rows as an earlier version wrote them.
    migration = (HERE / "migrations" / "0015_deleted_items.sql").read_text()
    block = migration[migration.index("DO $$") :]
    raws = [b'{"item_id": 7}', b'{"item_id": "b", "x": "\\u0000"}', b"[1]", b"{", b"\xff"]
    raws += [b'{"item_id": "c"}', b'{"item_id": ""}', b"[" * 100_000]
    with psycopg.connect(dsn) as db:
        for seq, raw in enumerate(raws):
            db.execute(
                "INSERT INTO interestream.dead_letters"
                " (space_id, epoch, stream, bucket, seq, raw, reason)"
                " VALUES (1, 1, 'items', 0, %s, %s, 'x')",
                [seq, raw],
            )
        db.execute(block)
        found = db.execute("SELECT item_id FROM interestream.dead_letters ORDER BY seq").fetchall()
    assert [item for (item,) in found] == ["7", None, None, None, None, "c", None, None]


def test_a_writer_in_the_middle_of_its_transaction_is_waited_for(dsn):
    """What is written before goes, and what is written later is told."""
    with psycopg.connect(dsn, autocommit=True) as db:
        add_space(db)
    done = threading.Event()

    def other() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            delete(connection, "a")
        done.set()

    with psycopg.connect(dsn) as writer:
        since = "SELECT item_id FROM interestream.deleted_items_since(0)"
        assert writer.execute(since).fetchall() == []
        add_vector(writer, "a", np.eye(8, dtype=np.float32)[0])
        thread = threading.Thread(target=other)
        thread.start()
        assert not done.wait(0.3)
        writer.commit()
        thread.join()
        assert count(writer, "item_vectors", "a") == 0
        assert writer.execute(since).fetchall() == [("a",)]
