"""Sums of released days, against a brute force; which days are due."""

import math
import random

import numpy as np
import pytest

from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.released_days import (
    SHOWN_ERRORS,
    ReleasedDay,
    ReleasedDays,
    error_of_day,
)
from jobs.core.trends.totals import Horizon

HORIZONS = Horizon.all_of({"hour": (3_600, 60), "day": (86_400, 1_800), "week": (604_800, 10_800)})


def test_the_error_is_that_of_the_distribution() -> None:
    """P(k) is proportional to exp(-|k| / scale)."""
    for scale in (0.1, 1.0, 7.5):
        ks = np.arange(-1_000, 1_001)
        chance = np.exp(-np.abs(ks) / scale)
        variance = (ks**2 * chance).sum() / chance.sum()
        assert error_of_day(scale) == pytest.approx(math.sqrt(variance))


@pytest.mark.parametrize("scale", [0.01, 2.0])
def test_sums_are_those_of_the_days_that_reach_the_threshold(scale: float) -> None:
    rng = random.Random(4)
    days = ReleasedDays(HORIZONS, scale)
    counts = {
        day: {f"i{number}": rng.randrange(-4, 20) for number in range(day, day + 30)}
        for day in range(100, 115)
    }
    for day, items in counts.items():
        days.add(ReleasedDay(day, list(items), np.array(list(items.values()))))
    assert [horizon.name for horizon in days.horizons] == ["day", "week"]
    for number, length in enumerate((1, 7)):
        least = max(1.0, SHOWN_ERRORS * error_of_day(scale) * math.sqrt(length))
        total: dict[str, int] = {}
        for day in range(115 - length, 115):
            for item, count in counts[day].items():
                total[item] = total.get(item, 0) + count
        assert days.sums(number, 115) == {i: n for i, n in total.items() if n >= least}


def test_every_day_is_due_once_and_none_is_left_out() -> None:
    days = ReleasedDays(HORIZONS, 1.0)
    assert list(days.due(100 * DAY_MS, [100])) == []
    assert list(days.due(101 * DAY_MS - 1, [100])) == []
    assert list(days.due(103 * DAY_MS, [100])) == [100, 101, 102]
    days.add(ReleasedDay(102, [], np.array([], dtype=np.int64)))
    assert list(days.due(103 * DAY_MS, [99, 103])) == []
    # Days that no horizon would show are not released.
    assert list(days.due(200 * DAY_MS, [103])) == list(range(193, 200))
