"""horizon_factors(): which horizons count for a segment, and by how much."""

import math

import pytest

from tests.sql.internal.test_popularity import WEIGHTS, count, set_weights
from tests.sql.internal.test_trending_horizon import add_window


def factors(db, segment="few"):
    return db.execute("SELECT * FROM interestream.horizon_factors(1, %s)", [segment]).fetchone()


def test_horizons_with_a_weight_that_were_counted_have_a_factor(shop):
    set_weights(shop, "few", {**WEIGHTS, "popular_hour": 1.0, "neighbors": 1.0})
    count(shop, "day", {"a": 9, "b": 3})
    count(shop, "week", {"a": 99})
    count(shop, "month", {"a": 500})
    add_window(shop, "hour", 9)  # as an older job wrote it
    assert factors(shop) == (
        ["day", "month", "week"],
        pytest.approx([2.0 / math.log(10), 0.0, 0.5 / math.log(100)]),
    )


def test_what_is_learned_is_added(shop):
    set_weights(shop, "few", WEIGHTS)
    count(shop, "day", {"a": 9})
    for segment, delta in (("all", 1.0), ("few", -0.5), ("many", 9.0)):
        shop.execute(
            "INSERT INTO interestream.learned_weights VALUES (1, %s, 'popular_day', %s, 1)",
            [segment, delta],
        )
    assert factors(shop) == (["day"], pytest.approx([2.5 / math.log(10)]))


def test_without_a_weight_there_is_none(shop):
    set_weights(shop, "few", WEIGHTS)
    assert factors(shop, "many") == ([], [])
