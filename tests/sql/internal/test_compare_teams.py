"""compare_teams(): clicks of the teams of lists made of two variants."""

import math

import pytest

from tests.sql.experiments import PLAIN, start


def teams(db):
    return db.execute("SELECT * FROM interestream.compare_teams('trial')").fetchall()


def count(db, variant, impressions, clicks, bucket=0, space=1):
    db.execute(
        "INSERT INTO interestream.click_counts VALUES (%s, %s, 'recent', 1, 'few', %s, %s, %s)",
        [space, bucket, variant, impressions, clicks],
    )


def test_impressions_that_name_a_variant_are_counted(shop):
    start(shop, PLAIN, {"variant": "other", "share": 0.5}, kind="interleaving")
    count(shop, "trial/plain", 500, 50)
    count(shop, "trial/plain", 300, 30, bucket=1)
    count(shop, "trial/other", 800, 120)
    count(shop, "before/other", 800, 120)
    count(shop, "trial/other", 800, 500, space=2)
    assert [row[:4] for row in teams(shop)] == [(1, None, 800, 80), (2, None, 800, 120)]
    lift, variance = teams(shop)[1][4:]
    assert lift == pytest.approx(math.log(1.5))
    # Of the logarithm of a ratio of two independent shares (Katz).
    assert variance == pytest.approx((1 - 0.1) / 80 + (1 - 0.15) / 120)


def test_without_clicks_there_is_no_lift(shop):
    start(shop, PLAIN, {"variant": "other", "share": 0.5}, kind="interleaving")
    assert teams(shop) == []
    count(shop, "trial/plain", 500, 0)
    count(shop, "trial/other", 500, 5)
    assert teams(shop)[1][4:] == (None, None)
