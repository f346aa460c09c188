"""settle_groups(): which item stands for a group."""

from tests.sql.builders import add_item, settle_groups


def representatives(db):
    return dict(db.execute("SELECT item_id, representative FROM interestream.items").fetchall())


def test_the_lowest_available_id_stands_for_all_and_who_is_alone_for_nobody(shop):
    add_item(shop, "a", title="Equal", available=False)
    for item in ("c", "b", "d"):
        add_item(shop, item, title="Equal")
    add_item(shop, "e")
    settle_groups(shop)
    assert representatives(shop) == {"a": "b", "b": "b", "c": "b", "d": "b", "e": None}


def test_a_group_that_is_not_available_at_all_keeps_its_lowest_id(shop):
    for item in ("b", "a"):
        add_item(shop, item, title="Equal", available=False)
    settle_groups(shop)
    assert representatives(shop) == {"a": "a", "b": "a"}


def test_a_group_id_parts_equal_texts_and_joins_others(shop):
    add_item(shop, "a", title="Equal", group="first")
    add_item(shop, "b", title="Equal", group="second")
    add_item(shop, "c", title="Another", group="second")
    add_item(shop, "d", title="Equal")
    settle_groups(shop)
    assert representatives(shop) == {"a": None, "b": "b", "c": "b", "d": None}


def test_only_rows_that_change_are_written(shop):
    for item in ("a", "b"):
        add_item(shop, item, title="Equal")
    settle_groups(shop)
    before = shop.execute("SELECT item_id, ctid FROM interestream.items ORDER BY 1").fetchall()
    settle_groups(shop)
    assert (
        shop.execute("SELECT item_id, ctid FROM interestream.items ORDER BY 1").fetchall() == before
    )
