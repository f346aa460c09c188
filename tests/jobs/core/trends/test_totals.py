"""Sums over sliding horizons, compared with counting all events again."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.trends.all_time import Integers
from jobs.core.trends.counts import TrendCounts, count_interactions
from jobs.core.trends.totals import Horizon, TrendTotals
from tests.builders import DAY_MS, NOON_MS

SLICE_MS = 10_000
HORIZONS = Horizon.all_of({"long": (600, 60), "short": (60, 20)})
EVENT = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 900_000), st.sampled_from([1.0, 3.0]))
BATCHES = st.lists(st.lists(EVENT, min_size=1, max_size=12), min_size=1, max_size=12)


def counts_of(events: list[tuple[str, int, float]]) -> TrendCounts:
    items, times, weights = zip(*events, strict=True)
    return count_interactions(
        items, NOON_MS + np.array(times, dtype=np.int64), np.array(weights), SLICE_MS
    )


def expected(
    events: list[tuple[str, int, float]], length_ms: int, slide_ms: int
) -> tuple[Counter[str], Counter[str]]:
    """Interactions and thousandths by item in the window that ends after the newest slice."""
    as_of = max((NOON_MS + time) // SLICE_MS * SLICE_MS for _, time, _ in events) + SLICE_MS
    end = as_of + (-as_of) % slide_ms
    inside = [event for event in events if end - length_ms <= NOON_MS + event[1] < end]
    number = Counter(item for item, _, _ in inside)
    weights: Counter[str] = Counter()
    for item, _, weight in inside:
        weights[item] += round(weight * 1000)
    return number, weights


def found(totals: TrendTotals, number: int) -> tuple[dict[str, int], dict[str, int]]:
    best = totals.best(number, 1000)
    items = [totals.ids[code] for code in best.codes.tolist()]
    assert best.total == best.count.sum()
    counts = dict(zip(items, best.count.tolist(), strict=True))
    return counts, dict(zip(items, best.weight.tolist(), strict=True))


def test_the_shortest_horizon_comes_first():
    assert [horizon.name for horizon in HORIZONS] == ["short", "long"]


@settings(deadline=None)
@given(BATCHES)
def test_at_every_batch_they_equal_a_count_of_all_events_so_far(batches):
    totals, seen = TrendTotals(HORIZONS), []
    for batch in batches:
        totals.fold(counts_of(batch), SLICE_MS)
        seen += batch
        for number, horizon in enumerate(HORIZONS):
            definition = expected(seen, horizon.length_ms, horizon.slide_ms)
            assert found(totals, number) == tuple(map(dict, definition))


@settings(deadline=None)
@given(BATCHES, st.integers(0, 11))
def test_the_slides_that_fold_returns_are_enough_to_restore_the_totals(batches, cut):
    totals = TrendTotals(HORIZONS)
    kept: dict[tuple[int, int], tuple[list[str], Integers, Integers]] = {}
    for number, batch in enumerate(batches):
        changed, left = totals.fold(counts_of(batch), SLICE_MS)
        for name in left:
            del kept[name]
        for name in changed:
            items, slide = totals.slide(*name)
            kept[name] = (items, slide.count, slide.weight)
        if number == cut:
            as_of_ms = totals.as_of_ms
            assert as_of_ms is not None
            totals = TrendTotals(HORIZONS)
            totals.restore(as_of_ms, [(*name, *columns) for name, columns in kept.items()])
    seen = [event for batch in batches for event in batch]
    for number, horizon in enumerate(HORIZONS):
        definition = expected(seen, horizon.length_ms, horizon.slide_ms)
        assert found(totals, number) == tuple(map(dict, definition))
        slides = {index for at, index in kept if at == number}
        assert len(slides) <= horizon.length_ms // horizon.slide_ms


@pytest.mark.parametrize("half_life_ms", [None, 1000 * DAY_MS])
@pytest.mark.parametrize("keep", range(1, 8))
def test_ties_at_the_limit_go_by_the_longer_weight_then_all_time_then_the_id(keep, half_life_ms):
    earlier = [("c", -300, 2.0), ("e", -300, 2.0), ("f", -300, 1.0)]
    long_ago = [("f", -90_000, 5.0), ("d", -90_000, 4.0), ("g", -90_000, 9.0)]
    events = [("a", 0, 9.0), *[(item, 0, 3.0) for item in "gfedcb"], *earlier]
    totals = TrendTotals(HORIZONS, half_life_ms)
    for item, seconds, weight in [*long_ago, *events]:
        totals.fold(counts_of([(item, 1000 * seconds, weight)]), SLICE_MS)
    best = totals.best(0, keep)
    # By weight in the longer horizon: c and e 5, f 4, and b, d, g 3. Over all time g leads d.
    order = "acefgdb" if half_life_ms else "acefbdg"
    assert {totals.ids[code] for code in best.codes.tolist()} == set(order[:keep])
    assert best.total == 7


@settings(deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=60), st.integers(1, 9))
def test_what_is_kept_is_the_beginning_of_a_full_order(events, keep):
    totals = TrendTotals(HORIZONS, 1000 * DAY_MS)
    totals.fold(counts_of(events), SLICE_MS)
    weights = [expected(events, horizon.length_ms, horizon.slide_ms)[1] for horizon in HORIZONS]
    ever: Counter[str] = Counter()
    for item, _, weight in events:
        ever[item] += round(weight * 1000)
    items = [item for item in weights[0] if weights[0][item]]
    order = sorted(items, key=lambda i: (-weights[0][i], -weights[1][i], -ever[i], i))
    best = totals.best(0, keep)
    assert {totals.ids[code] for code in best.codes.tolist()} == set(order[:keep])


def test_all_time_is_the_horizon_behind_the_longest():
    totals = TrendTotals(HORIZONS, 10 * DAY_MS)
    for item, days in (("a", -20), ("a", -10), ("b", -40), ("b", 0)):
        totals.fold(counts_of([(item, days * DAY_MS, 2.0)]), SLICE_MS)
    ever, long = totals.best(2, 10), totals.best(1, 10)
    found = {
        totals.ids[code]: (count, weight)
        for code, count, weight in zip(ever.codes, ever.count, ever.weight, strict=True)
    }
    # a: 1/4 + 1/2 is rounded to 1; b: 1/16 + 1.
    assert found == {"a": (1, 1500), "b": (1, 2125)}
    assert ever.longer is None
    assert (long.codes.tolist(), long.count.tolist()) == ([totals.ids.index("b")], [1])
    assert long.longer is not None
    assert long.longer_weight is not None
    assert (long.longer.tolist(), long.longer_weight.tolist()) == ([1], [2125])


def test_an_entry_without_an_item_is_no_item_of_all_time():
    totals = TrendTotals(HORIZONS, 10 * DAY_MS)
    totals.fold(counts_of([("", -DAY_MS, 1.0), ("a", 0, 1.0)]), SLICE_MS)
    assert [totals.ids[code] for code in totals.best(2, 10).codes.tolist()] == ["a"]


def test_items_carry_their_count_in_the_longer_horizon():
    totals = TrendTotals(HORIZONS)
    totals.fold(counts_of([("a", 0, 1.0), ("a", 300_000, 1.0), ("b", 300_000, 1.0)]), SLICE_MS)
    best = totals.best(0, 10)
    assert best.longer is not None
    counts = {
        totals.ids[c]: (n, m) for c, n, m in zip(best.codes, best.count, best.longer, strict=True)
    }
    assert counts == {"a": (1, 2), "b": (1, 1)}
    assert totals.best(1, 10).longer is None


def test_totals_with_many_ids_outside_all_horizons_are_wasteful():
    totals = TrendTotals(HORIZONS)
    for number in range(30):
        items = [f"{number}-{item}" for item in range(1000)]
        times = np.full(1000, NOON_MS + number * 1_000_000)
        totals.fold(count_interactions(items, times, np.ones(1000), SLICE_MS), SLICE_MS)
    assert len(totals.ids) == 30_000
    assert totals.wasteful


def test_ids_that_all_time_knows_are_not_wasted():
    totals = TrendTotals(HORIZONS, 1000 * DAY_MS)
    for number in range(30):
        items = [f"{number}-{item}" for item in range(1000)]
        times = np.full(1000, NOON_MS + number * 1_000_000)
        totals.fold(count_interactions(items, times, np.ones(1000), SLICE_MS), SLICE_MS)
    assert not totals.wasteful
