"""delete_space_rows(): what is left of a space that is gone, and nothing of one that is there."""

import psycopg
import pytest

from tests.sql.builders import NOON, add_space, keep_day, seeded, set_interests, set_window

DELETE = "SELECT interestream.delete_space_rows(%s, %s)"


def add_letter(db: psycopg.Connection, space: int, seq: int, raw: bytes, epoch: int = 20) -> None:
    db.execute(
        "INSERT INTO interestream.dead_letters (space_id, epoch, stream, bucket, seq, raw, reason)"
        " VALUES (%s, %s, 'events', 0, %s, %s, 'not_json')",
        [space, epoch, seq, raw],
    )


def test_every_table_with_a_space_is_emptied_of_it(shop):
    """The list in the function is complete, whatever table a later migration adds."""
    gone = add_space(shop, sha256="bb")
    shop.execute("SELECT interestream.drop_space(%s)", [gone])
    tables = shop.execute(
        "SELECT c.relname FROM pg_class AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'space_id'"
        " WHERE c.relnamespace = 'interestream'::regnamespace AND c.relkind = 'r'"
        " AND NOT c.relispartition"
        # Rows that go with the space's own by their foreign key, whose job wrote an item last, and
        # the record of an experiment, which outlives its spaces.
        " AND c.relname NOT IN ('items', 'experiment_variants')"
        " AND NOT EXISTS (SELECT FROM pg_constraint AS f"
        "   WHERE f.conrelid = c.oid AND f.contype = 'f'"
        "   AND f.confrelid = 'interestream.spaces'::regclass)"
        " AND c.relname <> 'spaces' ORDER BY 1"
    ).fetchall()
    body = shop.execute(
        "SELECT prosrc FROM pg_proc WHERE oid = 'interestream.delete_space_rows'::regproc"
    ).fetchone()[0]
    missing = [name for (name,) in tables if f"'{name}'" not in body and f".{name} " not in body]
    assert missing == []
    assert len(tables) > 10


def test_rows_of_other_spaces_stay(shop):
    for space in (1, 9):
        set_window(shop, "ann", "recent", seeded(1)[0], space=space)
        set_interests(shop, "ann", ["a"], space=space)
        keep_day(shop, "ann", NOON.date(), {"music": 1.0}, space=space)
    assert shop.execute(DELETE, [9, True]).fetchone() == (3,)
    assert shop.execute(DELETE, [9, False]).fetchone() == (3,)
    assert shop.execute(DELETE, [9, False]).fetchone() == (0,)
    for table in ("users", "user_windows", "user_topic_history"):
        rows = shop.execute(f"SELECT space_id FROM interestream.{table}").fetchall()
        assert rows == [(1,)], table


def test_letters_that_the_active_space_lacks_become_its_own(shop):
    add_letter(shop, 1, 0, b"both", epoch=10)
    add_letter(shop, 1, 1, b"its own", epoch=20)
    add_letter(shop, 9, 0, b"both")
    add_letter(shop, 9, 1, b"under a key that is taken")
    add_letter(shop, 9, 2, b"lost since")
    assert shop.execute(DELETE, [9, False]).fetchone() == (3,)
    rows = shop.execute("SELECT space_id, raw FROM interestream.dead_letters").fetchall()
    assert sorted(rows) == [(1, b"both"), (1, b"its own"), (1, b"lost since")]


def test_a_space_that_is_there_is_refused(shop):
    with pytest.raises(psycopg.errors.ObjectInUse, match="there is a space 1"):
        shop.execute(DELETE, [1, False])
