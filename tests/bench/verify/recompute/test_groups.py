"""The representative of each group of items, recomputed."""

from bench.verify.recompute.groups import representatives
from bench.verify.recompute.validation import Item


def item(item_id: str, *group: str, available: bool = True) -> Item:
    return Item(item_id, "Tea", available, group)


def test_an_available_item_with_the_lowest_id_stands_for_a_group():
    items = [
        item("a", "group", "g", available=False),
        item("c", "group", "g"),
        item("b", "group", "g"),
        item("d", "text", "Tea", ""),
        item("e", "text", "Tea", "green", available=False),
        item("f", "text", "Tea", "green", available=False),
    ]
    assert representatives({one.item_id: one for one in items}) == {
        "a": "b",
        "b": "b",
        "c": "b",
        "d": None,
        "e": "e",
        "f": "e",
    }
