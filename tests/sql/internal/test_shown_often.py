"""shown_often(): how often an item was shown in vain, of impressions that fade."""

from datetime import timedelta

import pytest

from tests.sql.builders import NOON, hours_ago


def often(db, shown, touched=None, now=NOON, until=None):
    row = db.execute(
        "SELECT interestream.shown_often(%s::timestamptz[], %s, %s, %s)",
        [shown, touched, now, until],
    ).fetchone()
    return row[0]


def test_each_impression_counts_less_than_the_one_before(shop):
    for count, value in ((0, 0), (1, 1 / 4), (3, 1 / 2), (16, 16 / 19)):
        assert often(shop, [NOON] * count) == pytest.approx(value)


def test_an_impression_counts_half_after_a_week(shop):
    parts = 1 + 0.5 + 0.25
    shown = [NOON - timedelta(days=7 * weeks) for weeks in range(3)]
    assert often(shop, shown) == pytest.approx(parts / (parts + 3))
    assert often(shop, [NOON - timedelta(days=9_000)]) == pytest.approx(0, abs=1e-12)
    assert often(shop, [NOON + timedelta(days=2)]) == pytest.approx(1 / 4)


def test_what_was_touched_since_was_not_shown_in_vain(shop):
    shown = [hours_ago(1), hours_ago(3)]
    day = timedelta(hours=1) / timedelta(days=7)
    assert often(shop, shown, touched=hours_ago(0)) == 0
    assert often(shop, shown, touched=hours_ago(1)) == 0
    part = 2**-day
    assert often(shop, shown, touched=hours_ago(2)) == pytest.approx(part / (part + 3))


def test_impressions_from_a_time_on_are_left_out(shop):
    assert often(shop, [hours_ago(1), hours_ago(0)], until=hours_ago(1)) == 0
    assert often(shop, [hours_ago(1), hours_ago(0)], until=hours_ago(0)) > 0


def test_nothing_shown_is_nothing(shop):
    assert often(shop, []) == 0
    assert often(shop, None) == 0
