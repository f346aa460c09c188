"""topic_rises(): interactions of topics against what was expected, counted in Python."""

import math
from collections import defaultdict

import numpy as np
import pytest

from tests.sql.builders import add_item, add_topic, seeded
from tests.sql.internal.test_trending_horizon import add_trend, add_window

AXES = np.eye(8, dtype=np.float32)
TOPICS = ("boats", "soups", "stars")


@pytest.fixture
def counted(shop):
    """Forty items counted over a day and a week; {item: (its topic, of the day, of the week)}."""
    rng = np.random.default_rng(6)
    for axis, topic in enumerate(TOPICS):
        add_topic(shop, topic, AXES[axis])
    found: dict[str, tuple[str | None, int, int]] = {}
    for number, vector in enumerate(seeded(40)):
        item = f"i{number}"
        add_item(shop, item, vector)
        day = int(rng.integers(1, 40))
        week = day + int(rng.integers(200))
        cosines = vector[:3]
        known = TOPICS[int(np.argmax(cosines))] if max(cosines) >= 0.15 else None
        found[item] = (known, day, week)
        add_trend(shop, "day", item, day, float(day), week)
        add_trend(shop, "week", item, week, float(week))
    add_window(shop, "day", sum(day for _, day, _ in found.values()))
    add_window(shop, "week", sum(week for *_, week in found.values()))
    return found


def test_a_topic_is_the_sum_of_its_items(shop, counted):
    days = sum(day for _, day, _ in counted.values())
    weeks = sum(week for *_, week in counted.values())
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0, 0.0])
    for topic, day, week in counted.values():
        sums[topic][0] += day
        sums[topic][1] += (week - day) / (weeks - days) * days
    assert None in sums
    del sums[None]
    rows = shop.execute("SELECT * FROM interestream.topic_rises(1)").fetchall()
    assert {row[0] for row in rows} == set(sums) == set(TOPICS)
    for topic, interactions, expected, rise in rows:
        assert interactions == sums[topic][0]
        assert expected == pytest.approx(sums[topic][1])
        assert rise == pytest.approx((sums[topic][0] - sums[topic][1]) / math.sqrt(expected + 1))


def test_nothing_rises_before_the_job_has_counted(shop):
    assert shop.execute("SELECT * FROM interestream.topic_rises(1)").fetchall() == []
