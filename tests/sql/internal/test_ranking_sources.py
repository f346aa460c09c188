"""ranking_sources(): the names of the features, in their order."""

from tests.sql.internal.test_popularity import count
from tests.sql.internal.test_trending_horizon import add_window

FIXED = [
    "text",
    "text_last",
    "neighbors",
    "neighbors_share",
    "neighbors_last",
    "unseen",
    "unseen_text",
    "new",
    "shown",
    "neighbors_bought",
    "text_bought",
    "sequence",
]


def sources(db):
    return db.execute("SELECT interestream.ranking_sources(1)").fetchone()[0]


def test_horizons_that_were_counted_follow_by_name(shop):
    assert sources(shop) == FIXED
    count(shop, "week", {"a": 2})
    count(shop, "day", {"a": 1})
    add_window(shop, "hour", 9)  # as an older job wrote it
    assert sources(shop) == [*FIXED, "popular_day", "popular_week"]
