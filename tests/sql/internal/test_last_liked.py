"""last_liked(): the newest items with a positive signal."""

from tests.sql.builders import hours_ago, interact


def last_liked(db, limit):
    rows = db.execute("SELECT item_id FROM interestream.last_liked('ann', %s)", [limit]).fetchall()
    return [item for (item,) in rows]


def test_liked_items_come_newest_first(shop):
    for hours, item in ((5, "old"), (1, "new"), (3, "middle")):
        interact(shop, "ann", item, "like", at=hours_ago(hours))
    interact(shop, "ann", "disliked", "dislike")
    interact(shop, "ann", "shown", "impression")
    interact(shop, "bob", "his", "like")
    assert last_liked(shop, 10) == ["new", "middle", "old"]
    assert last_liked(shop, 2) == ["new", "middle"]


def test_of_one_moment_they_come_by_id(shop):
    for item in "bca":
        interact(shop, "ann", item, "like")
    assert last_liked(shop, 3) == ["a", "b", "c"]
