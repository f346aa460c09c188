"""popularity(): how popular an item is over the horizons that have a weight."""

import math

import pytest

from tests.sql.builders import add_item
from tests.sql.internal.test_trending_horizon import add_trend, add_window

WEIGHTS = {"popular_day": 2.0, "popular_week": 0.5, "popular_month": 0.0}


def set_weights(db, segment, weights):
    db.execute("DELETE FROM interestream.source_weights")
    for source, weight in weights.items():
        db.execute(
            "INSERT INTO interestream.source_weights VALUES (%s, %s, %s)",
            [segment, source, weight],
        )


def count(db, horizon, counts):
    """The rows of a horizon as the job writes them."""
    add_window(db, horizon, sum(counts.values()))
    for item, interactions in counts.items():
        add_trend(db, horizon, item, interactions, float(interactions))
    best = sorted(counts, key=lambda item: -counts[item])
    db.execute(
        "UPDATE interestream.trend_windows SET largest = %s, best_ids = %s WHERE horizon = %s",
        [max(counts.values()), best, horizon],
    )


def popularity(db, item, segment="few"):
    return db.execute(
        "SELECT p.score, p.source FROM interestream.horizon_factors(1, %s) AS f"
        " CROSS JOIN LATERAL interestream.popularity(1, %s, f.horizons, f.factors) AS p",
        [segment, item],
    ).fetchone()


def test_each_horizon_adds_its_share_of_the_most_popular_item_by_its_weight(shop):
    set_weights(shop, "few", WEIGHTS)
    for item in "ab":
        add_item(shop, item)
    count(shop, "day", {"a": 9, "b": 3})
    count(shop, "week", {"a": 20, "b": 99})
    count(shop, "month", {"a": 500, "b": 1})
    assert popularity(shop, "a") == (
        pytest.approx(2.0 + 0.5 * math.log(21) / math.log(100)),
        "popular_day",
    )
    assert popularity(shop, "b") == (
        pytest.approx(2.0 * math.log(4) / math.log(10) + 0.5),
        "popular_day",
    )


def test_an_item_that_no_horizon_keeps_is_not_popular(shop):
    set_weights(shop, "few", WEIGHTS)
    count(shop, "day", {"a": 9})
    assert popularity(shop, "unheard") == (0.0, None)


def test_a_segment_without_weights_knows_no_popularity(shop):
    set_weights(shop, "few", WEIGHTS)
    count(shop, "day", {"a": 9})
    assert popularity(shop, "a", segment="many") == (0.0, None)


def test_a_horizon_that_an_older_job_wrote_does_not_count(shop):
    set_weights(shop, "few", WEIGHTS)
    add_window(shop, "day", 9)
    add_trend(shop, "day", "a", 9, 9.0)
    assert popularity(shop, "a") == (0.0, None)
