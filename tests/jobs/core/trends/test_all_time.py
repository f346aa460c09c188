"""Counts of all time, against the sum over all events as it is defined."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.trends import all_time
from jobs.core.trends.all_time import DAY_MS, AllTime, SavedPart
from tests.builders import HOUR_MS, NOON_MS

HALF_LIFE_MS = 5 * DAY_MS
EVENT = st.tuples(
    st.integers(0, 6), st.integers(-700 * 24, 700 * 24), st.sampled_from([500, 1000, 3000])
)
BATCHES = st.lists(st.lists(EVENT, min_size=1, max_size=10), min_size=1, max_size=10)
"""Lists of (item, hours after noon, thousandths)."""

Event = tuple[int, int, int]


def add(sums: AllTime, events: list[Event]) -> None:
    columns = zip(*events, strict=True)
    codes, hours, weights = (np.array(column, dtype=np.int64) for column in columns)
    sums.add(codes, NOON_MS + hours * HOUR_MS, np.ones_like(codes), weights)


def known(sums: AllTime) -> list[int]:
    found: list[int] = np.flatnonzero(sums.active).tolist()
    return found


def day(at_ms: int) -> int:
    return at_ms // DAY_MS


def defined(events: list[Event], as_of_ms: int) -> tuple[dict[int, float], dict[int, float]]:
    """Decayed count and weight by item."""
    counts, weights = dict[int, float](), dict[int, float]()
    for item, hour, weight in events:
        days = day(as_of_ms - 1) - day(NOON_MS + hour * HOUR_MS)
        factor = 2.0 ** (-days * DAY_MS / HALF_LIFE_MS)
        counts[item] = counts.get(item, 0.0) + factor
        weights[item] = weights.get(item, 0.0) + weight * factor
    return counts, weights


def reached(events: list[Event]) -> int:
    return max(NOON_MS + hour * HOUR_MS for _, hour, _ in events) + 10_000


@settings(deadline=None)
@given(BATCHES)
def test_they_equal_the_decayed_sum_over_all_events(batches):
    sums, seen = AllTime(HALF_LIFE_MS), list[Event]()
    for batch in batches:
        add(sums, batch)
        seen += batch
        as_of_ms = reached(seen)
        counts, weights = defined(seen, as_of_ms)
        for item, count in counts.items():
            assert sums.count(as_of_ms)[item] == pytest.approx(count)
            assert sums.weight(as_of_ms)[item] == pytest.approx(weights[item], abs=0.5000001)


@settings(deadline=None)
@given(BATCHES, st.randoms())
def test_the_order_of_events_does_not_matter(batches, rng):
    events = [event for batch in batches for event in batch]
    shuffled = list(events)
    rng.shuffle(shuffled)
    one, other = AllTime(HALF_LIFE_MS), AllTime(HALF_LIFE_MS)
    add(one, events)
    for event in shuffled:
        add(other, [event])
    items = np.unique([item for item, _, _ in events])
    np.testing.assert_array_equal(one.standing(items), other.standing(items))
    as_of_ms = reached(events)
    np.testing.assert_allclose(one.count(as_of_ms)[items], other.count(as_of_ms)[items])


def test_the_standing_is_that_of_the_weight_as_of_1970_and_does_not_change_with_time():
    sums = AllTime(HALF_LIFE_MS)
    add(sums, [(3, 0, 1000), (3, 0, 3000)])
    days = NOON_MS // DAY_MS
    expected = math.log2(4000) + days * DAY_MS / HALF_LIFE_MS
    before = sums.standing(np.array([3, 4]))
    assert before[0] == pytest.approx(expected)
    assert before[1] == -math.inf
    add(sums, [(5, 1_000 * 24, 1000)])  # so late that sums are brought to another landmark
    assert sums.standing(np.array([3]))[0] == before[0]


def test_a_short_half_life_over_many_years_stays_finite():
    sums = AllTime(HOUR_MS)
    for year in range(40):
        add(sums, [(1, year * 365 * 24, 1000)])
    as_of_ms = reached([(1, 39 * 365 * 24, 1000)])
    assert sums.count(as_of_ms)[1] == pytest.approx(1.0)
    assert np.isfinite(sums.count(as_of_ms)).all()


@settings(deadline=None)
@given(BATCHES)
def test_the_saved_parts_are_enough_to_restore_them(batches):
    few, all_time.FEW_CHANGED = all_time.FEW_CHANGED, 2
    part_items, all_time.PART_ITEMS = all_time.PART_ITEMS, 3
    try:
        sums, kept, seen = AllTime(HALF_LIFE_MS), dict[int, SavedPart](), list[Event]()
        for batch in batches:
            add(sums, batch)
            seen += batch
            for index, part in sums.unsaved(reached(seen)):
                if part is None:
                    kept.pop(index, None)
                else:
                    kept[index] = part
            again = AllTime(HALF_LIFE_MS)
            again.restore(list(kept.items()))
            counts, _ = defined(seen, reached(seen))
            for item, count in counts.items():
                # What was forgotten in between may be missing.
                found = again.count(reached(seen))[item] if item in known(again) else 0.0
                assert found == pytest.approx(count, abs=2.0**-8)
            sums = again if len(seen) % 2 else sums
    finally:
        all_time.FEW_CHANGED, all_time.PART_ITEMS = few, part_items


def test_an_item_is_forgotten_after_ten_half_lives():
    sums = AllTime(HALF_LIFE_MS)
    many = [(code, 0, 1000) for code in range(5_000)]
    add(sums, many)
    list(sums.unsaved(reached(many)))
    assert sums.active.sum() == 5_000
    late = [(code, 51 * 24, 1000) for code in range(5_000, 10_000)]
    add(sums, late)
    list(sums.unsaved(reached(late)))
    assert sums.active.sum() == 5_000


def test_with_too_many_items_the_lightest_go(monkeypatch):
    monkeypatch.setattr(all_time, "MOST_ITEMS", 6_000)
    sums = AllTime(HALF_LIFE_MS)
    add(sums, [(code, 0, 1000 + code) for code in range(10_000)])
    list(sums.unsaved(NOON_MS + 1))
    assert known(sums) == list(range(2_000, 10_000))


def test_a_save_holds_the_changed_items_alone():
    sums = AllTime(HALF_LIFE_MS)
    add(sums, [(code, 0, 1000) for code in range(50_000)])
    parts = dict(sums.unsaved(NOON_MS + 1))
    assert sorted(len(part.codes) for part in parts.values() if part) == [10_000, 20_000, 20_000]
    add(sums, [(7, 0, 1000), (9, 0, 1000)])
    ((index, part),) = sums.unsaved(NOON_MS + 1)
    assert index == 0
    assert part is not None
    assert part.codes.tolist() == [7, 9]
    assert list(AllTime(HALF_LIFE_MS).unsaved(NOON_MS)) == []
