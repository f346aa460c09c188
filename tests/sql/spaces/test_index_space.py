"""index_space(): the index of a space that was made without one."""

import psycopg
import pytest

from tests.sql.builders import add_items, add_space, seeded


def test_the_index_can_wait_until_the_vectors_are_in(db):
    space = add_space(db, index=False)
    index = f"interestream.item_vectors_{space}_hnsw"
    add_items(db, seeded(20), space=space)
    assert db.execute("SELECT to_regclass(%s)", [index]).fetchone() == (None,)
    for _ in range(2):
        db.execute("SELECT interestream.index_space(%s)", [space])
        assert db.execute("SELECT to_regclass(%s)::text", [index]).fetchone() == (index,)
    similar = db.execute("SELECT count(*) FROM interestream.similar_items('i0', 10)")
    assert similar.fetchone() == (10,)


def test_an_unknown_space_is_a_clear_error(db):
    with pytest.raises(psycopg.errors.UndefinedObject):
        db.execute("SELECT interestream.index_space(7)")
