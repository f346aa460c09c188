"""remove_leftovers(): what jobs wrote of spaces that were gone."""

from tests.sql.builders import add_space, set_interests

REMOVE = "SELECT interestream.remove_leftovers(%s)"


def test_rows_of_spaces_that_are_gone_are_counted_and_removed(shop):
    first, second = add_space(shop, sha256="bb"), add_space(shop, sha256="cc")
    for space in (first, second):
        shop.execute("SELECT interestream.drop_space(%s)", [space])
    for space in (1, first, second):
        set_interests(shop, "ann", ["a"], space=space)
    assert shop.execute(REMOVE, [True]).fetchone() == (2,)
    assert shop.execute(REMOVE, [False]).fetchone() == (2,)
    assert shop.execute(REMOVE, [False]).fetchone() == (0,)
    assert shop.execute("SELECT space_id FROM interestream.users").fetchall() == [(1,)]


def test_without_a_space_there_is_nothing_to_remove(db):
    assert db.execute(REMOVE, [False]).fetchone() == (0,)


def test_an_administrator_removes_them(shop):
    shop.execute("SET LOCAL ROLE interestream_admin")
    assert shop.execute(REMOVE, [False]).fetchone() == (0,)
