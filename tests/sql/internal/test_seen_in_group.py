"""seen_in_group(): any item of the group counts, seen or disliked, available or not."""

import pytest

from tests.sql.builders import add_item, interact


def seen(db, item, user):
    (found,) = db.execute(
        """
        SELECT interestream.seen_in_group(i.group_key, %s, interestream.seen_mask(), false)
        FROM interestream.items AS i WHERE i.item_id = %s
        """,
        [user, item],
    ).fetchone()
    return found


@pytest.fixture
def group(shop):
    add_item(shop, "a", title="Equal")
    add_item(shop, "b", title="Equal", available=False)
    add_item(shop, "c", title="Other")
    return shop


def test_an_item_of_the_group_that_was_seen_or_disliked_counts(group):
    interact(group, "ann", "b", "view")
    interact(group, "bob", "b", "search", signal=-1.0)
    assert [seen(group, item, "ann") for item in "abc"] == [True, True, False]
    assert [seen(group, item, "bob") for item in "abc"] == [True, True, False]


def test_what_was_only_shown_or_seen_by_others_does_not_count(group):
    interact(group, "ann", "b", "impression")
    interact(group, "bob", "c", "view")
    assert not any(seen(group, "a", user) for user in ("ann", "bob", None))
