"""with_variants(): the items that were named, and all of their groups."""

from tests.sql.builders import add_item, settle_groups


def variants(db, items):
    (found,) = db.execute("SELECT interestream.with_variants(%s)", [items]).fetchone()
    return found


def test_the_items_come_first_and_all_of_their_groups_follow(shop):
    for item in ("a", "b", "c"):
        add_item(shop, item, title="Equal", available=item != "c")
    add_item(shop, "d")
    settle_groups(shop)
    found = variants(shop, ["d", "b", "unknown"])
    assert found[:3] == ["d", "b", "unknown"]
    assert set(found[3:]) == {"a", "c"}


def test_nothing_stays_nothing(shop):
    assert variants(shop, None) is None
    assert variants(shop, []) == []
