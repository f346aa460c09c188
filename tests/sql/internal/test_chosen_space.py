"""chosen_space(): the named space, or the active one."""

import psycopg
import pytest

from tests.sql.builders import add_space


def chosen(db, space):
    return db.execute("SELECT interestream.chosen_space(%s)", [space]).fetchone()[0]


def test_null_is_the_active_space(shop):
    second = add_space(shop, sha256="bb")
    assert chosen(shop, None) == 1
    assert chosen(shop, second) == second
    shop.execute("SELECT interestream.activate_space(%s)", [second])
    assert chosen(shop, None) == second


def test_an_unknown_space_is_a_clear_error(shop):
    with pytest.raises(psycopg.errors.UndefinedObject) as caught:
        chosen(shop, 99)
    assert caught.value.diag.message_hint


def test_no_active_space_is_a_clear_error(db):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as caught:
        chosen(db, None)
    assert caught.value.diag.message_hint
