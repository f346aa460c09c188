"""activate_space(): switching and going back."""

import psycopg
import pytest

from tests.sql.builders import add_space


def active(db):
    return db.execute("SELECT space_id FROM interestream.spaces WHERE active").fetchall()


def test_switching_and_going_back_are_one_call_each(shop):
    second = add_space(shop, sha256="bb")
    shop.execute("SELECT interestream.activate_space(%s)", [second])
    assert active(shop) == [(second,)]
    shop.execute("SELECT interestream.activate_space(%s)", [second])
    assert active(shop) == [(second,)]
    shop.execute("SELECT interestream.activate_space(1)")
    assert active(shop) == [(1,)]


def test_an_unknown_space_is_a_clear_error(shop):
    with pytest.raises(psycopg.errors.UndefinedObject, match="no embedding space 99"):
        shop.execute("SELECT interestream.activate_space(99)")
