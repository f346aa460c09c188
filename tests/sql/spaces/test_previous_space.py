"""previous_space(): what going back goes back to."""

from tests.sql.builders import add_space


def previous(db):
    return db.execute("SELECT interestream.previous_space()").fetchone()[0]


def activate(db, space):
    db.execute("SELECT interestream.activate_space(%s)", [space])


def test_the_first_space_has_none_before_it(shop):
    add_space(shop, sha256="bb")
    assert previous(shop) is None


def test_going_back_twice_goes_forth_again(shop):
    second = add_space(shop, sha256="bb")
    activate(shop, second)
    assert previous(shop) == 1
    activate(shop, previous(shop))
    assert previous(shop) == second
    activate(shop, previous(shop))
    assert previous(shop) == 1


def test_activating_the_active_space_again_is_no_change(shop):
    second = add_space(shop, sha256="bb")
    activate(shop, second)
    activate(shop, second)
    told = shop.execute(
        "SELECT space_id FROM interestream.space_activations ORDER BY activation_id"
    ).fetchall()
    assert told == [(1,), (second,)]


def test_a_space_that_was_dropped_is_passed_over(shop):
    second, third = add_space(shop, sha256="bb"), add_space(shop, sha256="cc")
    activate(shop, second)
    activate(shop, third)
    assert previous(shop) == second
    shop.execute("SELECT interestream.drop_space(%s)", [second])
    assert previous(shop) == 1
