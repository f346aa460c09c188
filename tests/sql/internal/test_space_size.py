"""space_size(): about how many vectors a space has, without counting them."""

import pytest

from tests.sql.builders import add_space, copy_items, seeded


def size(db, space=1):
    (found,) = db.execute("SELECT interestream.space_size(%s)", (space,)).fetchone()
    return found


def test_it_grows_with_the_space_and_needs_no_statistics(db):
    assert add_space(db, index=False) == 1
    assert size(db) == 0
    copy_items(db, seeded(3_000), [[]] * 3_000)
    assert size(db) == pytest.approx(3_000, rel=0.5)


def test_there_is_none_of_an_unknown_space(db):
    assert size(db, 17) is None
    assert size(db, None) is None
