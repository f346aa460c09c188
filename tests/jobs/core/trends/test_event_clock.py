"""The trend clock follows the stream, and no single wrong clock."""

import numpy as np
import pytest

from jobs.core.trends.event_clock import COMPANY, ClockRules, TrendClock, tick
from tests.builders import DAY_MS, HOUR_MS, NOON_MS

SLICE_MS = 10_000
RULES = ClockRules(slice_ms=SLICE_MS, leap_ms=HOUR_MS, quiet_ms=3_000, close_after_ms=20_000)
YEAR_MS = 365 * DAY_MS
THEN_MS = NOON_MS - 6 * YEAR_MS
"""Start of a replay of events from six years ago."""


def ticked(clock: TrendClock, *slices: int, wall_ms: int = NOON_MS, count: int = 1) -> TrendClock:
    counts = np.full(len(slices), count, dtype=np.int64)
    return tick(clock, np.array(slices, dtype=np.int64), counts, wall_ms, RULES)


def running(at_ms: int = THEN_MS, wall_ms: int = NOON_MS) -> TrendClock:
    return ticked(TrendClock(), at_ms, count=COMPANY, wall_ms=wall_ms)


def test_it_follows_the_newest_count_and_never_goes_back():
    clock = running()
    assert clock.now_ms == THEN_MS
    clock = ticked(clock, THEN_MS + 30_000, THEN_MS - DAY_MS)
    assert clock.now_ms == THEN_MS + 30_000
    assert ticked(clock, THEN_MS).now_ms == THEN_MS + 30_000


def test_single_wrong_times_do_not_move_it():
    clock = running()
    for number in range(COMPANY - 1):
        clock = ticked(clock, THEN_MS + (number + 1) * DAY_MS, THEN_MS + number * SLICE_MS)
    assert clock.now_ms == THEN_MS + (COMPANY - 2) * SLICE_MS


def test_one_percent_of_wrong_times_does_not_move_it():
    rng = np.random.default_rng(4)
    clock = running()
    for number in range(2_000):
        at_ms = THEN_MS + number * SLICE_MS
        times = np.where(rng.random(10) < 0.01, at_ms + rng.integers(DAY_MS, 5 * YEAR_MS), at_ms)
        clock = ticked(clock, *times.tolist())
        assert clock.now_ms == at_ms or (times != at_ms).all()


def test_enough_counts_together_move_it_over_a_leap():
    clock = running()
    for _ in range(COMPANY - 1):
        clock = ticked(clock, THEN_MS + YEAR_MS)
        assert clock.now_ms == THEN_MS
    assert ticked(clock, THEN_MS + YEAR_MS).now_ms == THEN_MS + YEAR_MS


def test_it_does_not_pass_the_wall_clock():
    clock = running(NOON_MS - SLICE_MS)
    ahead = ticked(clock, NOON_MS + SLICE_MS, count=100)
    assert ahead.now_ms == NOON_MS - SLICE_MS
    later = ticked(ahead, NOON_MS, wall_ms=NOON_MS + SLICE_MS)
    assert later.now_ms == NOON_MS + SLICE_MS


def test_a_window_with_counts_is_closed_when_no_more_arrive():
    clock = running()
    assert clock.closed_ms == THEN_MS
    waiting = ticked(clock, wall_ms=NOON_MS + 2_999)
    assert waiting.closed_ms == THEN_MS
    closed = ticked(waiting, wall_ms=NOON_MS + 3_000)
    assert closed.closed_ms == THEN_MS + SLICE_MS
    assert closed.now_ms == THEN_MS
    assert closed.open_ms is None


def test_a_window_that_keeps_getting_counts_is_closed_after_a_while():
    clock = running()
    for second in range(1, 20):
        clock = ticked(clock, THEN_MS, wall_ms=NOON_MS + 1_000 * second)
        assert clock.closed_ms == THEN_MS
    clock = ticked(clock, THEN_MS, wall_ms=NOON_MS + 20_000)
    assert (clock.now_ms, clock.closed_ms) == (THEN_MS, THEN_MS + SLICE_MS)


def test_windows_close_no_faster_than_the_wall_clock_when_event_time_stands():
    clock = running()
    for second in range(1, 3_600):
        if second % 5 == 0:
            clock = ticked(clock, THEN_MS, wall_ms=NOON_MS + 1_000 * second)
        clock = ticked(clock, wall_ms=NOON_MS + 1_000 * second)
    assert clock.now_ms == THEN_MS
    assert clock.closed_ms is not None
    assert 0 < clock.closed_ms - THEN_MS < 3_600_000


def test_event_time_stands_still_without_counts():
    clock = ticked(running(), wall_ms=NOON_MS + 20_000)
    later = ticked(clock, wall_ms=NOON_MS + DAY_MS)
    assert (later.now_ms, later.closed_ms) == (THEN_MS, THEN_MS + SLICE_MS)


def test_a_late_count_opens_a_window_that_is_closed_in_its_turn():
    clock = ticked(running(), wall_ms=NOON_MS + 20_000)
    clock = ticked(clock, THEN_MS - DAY_MS, wall_ms=NOON_MS + 30_000)
    assert clock.open_ms == NOON_MS + 30_000
    assert ticked(clock, wall_ms=NOON_MS + 49_999).closed_ms == THEN_MS + SLICE_MS
    clock = ticked(clock, wall_ms=NOON_MS + 50_000)
    assert clock.closed_ms == THEN_MS + 2 * SLICE_MS
    assert clock.now_ms == THEN_MS


def test_too_few_counts_start_it_at_their_median_after_a_while():
    few = (THEN_MS, THEN_MS + SLICE_MS, THEN_MS + YEAR_MS)
    clock = ticked(TrendClock(), *few)
    assert (clock.now_ms, len(clock.recent)) == (None, 0)
    clock = ticked(clock, *few, wall_ms=NOON_MS + 20_000)
    assert clock.now_ms == THEN_MS + SLICE_MS


@pytest.mark.parametrize("clock", [TrendClock(), running()])
def test_unpacking_gives_the_packed_clock(clock):
    again = TrendClock.unpack(clock.pack())
    assert again.pack() == clock.pack()
