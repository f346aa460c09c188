"""seen_mask(): which actions count an item as seen."""

from tests.sql.builders import ACTIONS


def mask(db):
    return db.execute("SELECT interestream.seen_mask()").fetchone()[0]


def test_it_has_the_bits_of_the_actions_that_see(shop):
    assert mask(shop) == sum(1 << bit for bit, _, _, seen in ACTIONS.values() if seen)


def test_while_no_action_is_configured_all_count(db):
    assert mask(db) == -1


def test_where_no_action_sees_none_counts(shop):
    shop.execute("UPDATE interestream.actions SET seen = false")
    assert mask(shop) == 0


def test_the_highest_bit_fits(shop):
    shop.execute("INSERT INTO interestream.actions VALUES ('last', 62, 1, 1, true)")
    assert mask(shop) & (1 << 62)
