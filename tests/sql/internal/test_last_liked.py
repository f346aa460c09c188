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


def test_of_one_moment_they_come_by_key_and_id(shop):
    for item in "bca":
        interact(shop, "ann", item, "like")
    assert last_liked(shop, 3) == ["a", "b", "c"]
    shop.execute("UPDATE interestream.user_items SET signal_key = -7 WHERE item_id = 'a'")
    shop.execute("UPDATE interestream.user_items SET signal_key = 8 WHERE item_id = 'c'")
    shop.execute("UPDATE interestream.user_items SET signal_key = -8 WHERE item_id = 'b'")
    assert last_liked(shop, 3) == ["c", "a", "b"]


def test_the_newest_of_thousands_are_found(shop):
    shop.execute(
        """
        INSERT INTO interestream.user_items
        (user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key)
        SELECT 'ann', 'i' || n, 1, at, at, 1, at, 0
        FROM generate_series(1, 4500) AS n
        CROSS JOIN LATERAL (SELECT now() + n * interval '1 second' AS at) AS at
        """
    )
    assert last_liked(shop, 3) == ["i4500", "i4499", "i4498"]


def test_what_was_bought_is_told(shop):
    shop.execute("INSERT INTO interestream.buying_actions VALUES ('like')")
    interact(shop, "ann", "bought", "view", "like", at=hours_ago(1))
    interact(shop, "ann", "viewed", "view", at=hours_ago(2))
    rows = "SELECT item_id, bought FROM interestream.last_liked('ann', 5)"
    assert shop.execute(rows).fetchall() == [("bought", True), ("viewed", False)]
    shop.execute("DELETE FROM interestream.buying_actions")
    assert shop.execute(rows).fetchall() == [("bought", False), ("viewed", False)]
