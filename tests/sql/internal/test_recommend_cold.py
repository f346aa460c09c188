"""recommend_cold(): popular, then new, for somebody without a vector."""

import numpy as np
import pytest

from tests.sql.builders import add_item, hours_ago, interact, seeded, set_window, show, unit
from tests.sql.internal.test_popularity import count


def cold(db, k=10, user="nobody", filter_="NULL", exclude=None):
    return db.execute(
        f"SELECT item_id, source, rank FROM interestream.recommend_cold(%s, %s, 1, {filter_}, %s)",
        [user, k, exclude],
    ).fetchall()


def fill(db):
    """Ten items, i9 the newest; i2 is more popular than i4, the others nobody knows."""
    for number, vector in enumerate(seeded(10)):
        add_item(db, f"i{number}", vector, published_at=hours_ago(100 - number))
    for user in ("bob", "eve"):
        interact(db, user, "i2", "like")
    interact(db, "bob", "i4", "like")


def test_popular_items_come_first_then_the_newest(shop):
    fill(shop)
    rows = cold(shop, 5)
    assert [row[0] for row in rows] == ["i2", "i4", "i9", "i8", "i7"]
    assert [row[1] for row in rows] == ["trending"] * 2 + ["new"] * 3
    assert [row[2] for row in rows] == [1, 2, 3, 4, 5]


def test_seen_and_excluded_items_stay_out_and_others_take_their_place(shop):
    fill(shop)
    interact(shop, "nobody", "i2", "view")
    interact(shop, "nobody", "i9", "dislike")
    assert [row[0] for row in cold(shop, 3, exclude=["i8"])] == ["i4", "i7", "i6"]


def test_somebody_who_has_seen_all_the_newest_gets_older_ones(shop):
    for number in range(400):
        add_item(shop, f"i{number}", published_at=hours_ago(number))
    shop.execute(
        "INSERT INTO interestream.user_items"
        " SELECT 'nobody', 'i' || n, 2, now(), now() FROM generate_series(0, 389) AS n"
    )
    assert [row[0] for row in cold(shop, 10)] == [f"i{number}" for number in range(390, 400)]


def test_neighbours_of_what_is_disliked_come_last(shop):
    axes = np.eye(8, dtype=np.float32)
    for number in range(6):
        vector = unit(axes[0] + 0.1 * axes[1]) if number % 2 else axes[2]
        add_item(shop, f"i{number}", vector, published_at=hours_ago(100 - number))
    set_window(shop, "nobody", "dislikes", axes[0])
    assert [row[0] for row in cold(shop)] == ["i4", "i2", "i0", "i5", "i3", "i1"]
    assert [row[0] for row in cold(shop, 3)] == ["i4", "i2", "i0"]


def test_what_was_shown_in_vain_comes_later(shop):
    fill(shop)
    count(shop, "week", {"i2": 99, "i4": 98, "i6": 1})
    shop.execute("DELETE FROM interestream.source_weights")
    for source, weight in (("popular_week", 2.0), ("shown", -1.0)):
        shop.execute(
            "INSERT INTO interestream.source_weights VALUES ('none', %s, %s)", [source, weight]
        )
    assert [row[0] for row in cold(shop, 3)] == ["i2", "i4", "i6"]
    show(shop, "nobody", "i2", hours_ago(0))
    rows = shop.execute(
        "SELECT item_id, score, parts FROM interestream.recommend_cold('nobody', 3, 1, NULL, NULL)"
    ).fetchall()
    assert [row[0] for row in rows] == ["i4", "i2", "i6"]
    assert rows[1][1] == pytest.approx(2 - 1 / 4)
    assert rows[1][2]["segment"] == "none"
    assert [row[0] for row in cold(shop, 3, user="somebody")] == ["i2", "i4", "i6"]
