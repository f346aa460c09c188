"""first_of_group(): the lowest id that passes a filter stands for the group."""

from tests.sql.builders import add_item


def first(db, item, categories=None):
    (found,) = db.execute(
        """
        SELECT interestream.first_of_group(i.item_id, i.group_key, interestream.item_filter(%s))
        FROM interestream.items AS i WHERE i.item_id = %s
        """,
        [categories, item],
    ).fetchone()
    return found


def test_the_lowest_id_that_passes_is_first(shop):
    add_item(shop, "a", title="Equal", categories=["x"], available=False)
    add_item(shop, "b", title="Equal", categories=["y"])
    add_item(shop, "c", title="Equal", categories=["x"])
    add_item(shop, "d", title="Equal", categories=["x"])
    add_item(shop, "aa", title="Other", categories=["x"])
    assert [first(shop, item, ["x"]) for item in ("c", "d", "aa")] == [True, False, True]
    assert [first(shop, item) for item in ("b", "c")] == [True, False]
