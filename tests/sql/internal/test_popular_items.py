"""popular_items(): what is popular over the horizons, without what a user has seen."""

from tests.sql.builders import add_item, interact
from tests.sql.internal.test_popularity import WEIGHTS, count, set_weights

FILTER = "interestream.item_filter(ARRAY['book'])"


def popular(db, limit=10, *, passing="NULL", exclude=None, user="ann"):
    query = (
        "SELECT item_id, source FROM interestream.popular_items"
        f"(1, %s, 'few', %s, {passing}, %s::text[])"
    )
    return db.execute(query, [user, limit, exclude]).fetchall()


def fill(db):
    set_weights(db, "few", WEIGHTS)
    for number, item in enumerate("abcdef"):
        add_item(db, item, categories=["book" if number % 2 else "film"], available=item != "f")
    count(db, "day", {"f": 50, "a": 9, "b": 8, "c": 1})
    count(db, "week", {"d": 99, "e": 50, "a": 20})


def test_the_best_of_each_horizon_come_by_their_popularity(shop):
    fill(shop)
    assert popular(shop, 2) == [
        ("a", "popular_day"),
        ("b", "popular_day"),
        ("d", "popular_week"),
        ("e", "popular_week"),
    ]


def test_seen_disliked_excluded_and_withdrawn_items_give_way_to_the_next(shop):
    fill(shop)
    interact(shop, "ann", "a", "view")
    interact(shop, "ann", "d", "dislike")
    assert [item for item, _ in popular(shop, 1)] == ["b", "e"]
    assert [item for item, _ in popular(shop, 1, exclude=["b"])] == ["c", "e"] or [
        item for item, _ in popular(shop, 1, exclude=["b"])
    ] == ["e", "c"]
    assert [item for item, _ in popular(shop, 1, user="bob")] == ["a", "d"]


def test_a_filter_lets_only_items_through_that_pass_it(shop):
    fill(shop)
    assert [item for item, _ in popular(shop, 3, passing=FILTER)] == ["b", "d"]
