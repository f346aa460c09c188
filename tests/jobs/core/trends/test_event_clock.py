"""The trend clock follows the stream, and no single wrong clock."""

import numpy as np
import pytest

from jobs.core.trends.event_clock import AHEAD, COMPANY, ClockRules, TrendClock, tick
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


def replayed(times: list[int], batch: int = 1) -> TrendClock:
    """The clock after a replay of `batch` counts a second, before any silence."""
    clock, wall_ms, waiting = TrendClock(), NOON_MS, list[int]()
    for start in range(0, len(times), batch):
        wall_ms += 1_000
        waiting += times[start : start + batch]
        clock = ticked(clock, *waiting, wall_ms=wall_ms)
        if clock.now_ms is not None:
            waiting = []
    while clock.now_ms is None:
        wall_ms += 1_000
        clock = ticked(clock, *waiting, wall_ms=wall_ms)
    return clock


def silent(clock: TrendClock, seconds: int = 5) -> TrendClock:
    """The clock after some seconds without counts."""
    for second in range(1, seconds + 1):
        clock = ticked(clock, wall_ms=clock.last_counts_ms + 1_000 * second)
    return clock


def paused(seed: int, count: int, mean_ms: int = DAY_MS) -> list[int]:
    """Slices of a sparse set in their order: pauses of a day on average, and some of weeks."""
    rng = np.random.default_rng(seed)
    pauses = rng.exponential(mean_ms, count) * rng.choice([0.01, 1.0, 3.0], count)
    slices = THEN_MS + np.cumsum(pauses) // SLICE_MS * SLICE_MS
    return [int(slice_ms) for slice_ms in slices]


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


@pytest.mark.parametrize("batch", [1, 7, 100, 5_000])
@pytest.mark.parametrize("seed", range(5))
def test_after_a_replay_with_long_pauses_silence_takes_it_to_the_newest_count(seed, batch):
    times = paused(seed, 1_000)
    clock = replayed(times, batch)
    newest_ms = times[-1]
    assert clock.now_ms is not None
    assert clock.now_ms < newest_ms
    clock = silent(clock)
    assert clock.now_ms == newest_ms
    # The newest count is in the window that begins at event time, and that one is closed, too.
    assert clock.closed_ms == newest_ms + SLICE_MS
    assert silent(clock, 3_600).now_ms == newest_ms


@pytest.mark.parametrize("count", [3, 5, 10, 15, 20, 40])
def test_a_handful_of_counts_ends_at_the_newest_one_too(count):
    times = [THEN_MS + number * DAY_MS for number in range(count)]
    assert silent(replayed(times)).now_ms == times[-1]


@pytest.mark.parametrize("at", [-1, -2, -40])
@pytest.mark.parametrize("seed", range(5))
def test_in_silence_a_single_wrong_time_beyond_all_pauses_does_not_move_it(seed, at):
    times = paused(seed, 1_000)
    wrong = list(times)
    wrong[at] = NOON_MS - DAY_MS
    expected = max(each for each in wrong if each != wrong[at])
    assert silent(replayed(wrong)).now_ms == expected


@pytest.mark.parametrize("seed", range(20))
def test_a_single_wrong_time_moves_it_by_two_of_the_longest_pauses_at_most(seed):
    times = paused(seed, 500)
    wrong_by = int(np.random.default_rng(seed).integers(0, 6 * 60)) * 4 * HOUR_MS
    clock = silent(replayed([*times, times[-1] + wrong_by]))
    assert clock.now_ms is not None
    moved_ms = clock.now_ms - times[-1]
    assert moved_ms <= 2 * max(np.diff(times))
    # It goes on as soon as the events have come there.
    later = [times[-1] + number * DAY_MS for number in range(1, 120)]
    for at_ms in later:
        clock = ticked(clock, at_ms, wall_ms=clock.last_counts_ms + 1_000)
    assert silent(clock).now_ms == later[-1]


def test_wrong_times_in_one_silence_after_another_move_it_by_a_bounded_time():
    times = paused(1, 500)
    clock = silent(replayed(times))
    longest_ms = int(max(np.diff(times)))
    for number in range(1, 100):
        # One wrong clock a silence, each half a pause ahead of the one before it.
        wrong_ms = times[-1] + number * longest_ms // 2 // SLICE_MS * SLICE_MS
        right = [times[-1]] * 16
        clock = silent(ticked(clock, wrong_ms, *right, wall_ms=clock.last_counts_ms + 60_000))
        assert clock.firm_ms == times[-1]
    assert clock.now_ms is not None
    assert times[-1] < clock.now_ms < times[-1] + 16 * 2 * longest_ms


def test_a_dense_stream_takes_no_more_than_a_leap_in_silence():
    times = [THEN_MS + number * SLICE_MS for number in range(400)]
    clock = replayed([*times, times[-1] + HOUR_MS + SLICE_MS])
    assert silent(clock).now_ms == times[-1]


def test_a_pause_is_forgotten_as_event_time_advances():
    before = [THEN_MS + number * SLICE_MS for number in range(100)]
    start_ms = before[-1] + 10 * DAY_MS
    near, far = (
        replayed([*before, *[start_ms + number * HOUR_MS for number in range(hours)]])
        for hours in (40, 24 * 10 * 65)
    )
    assert near.now_ms is not None
    assert far.now_ms is not None
    assert silent(ticked(near, near.now_ms + 9 * DAY_MS)).now_ms == near.now_ms + 9 * DAY_MS
    assert silent(ticked(far, far.now_ms + 9 * DAY_MS)).now_ms == far.now_ms


def test_wrong_times_behind_it_make_no_pause():
    times = [THEN_MS + number * SLICE_MS for number in range(200)]
    wrong = [THEN_MS - YEAR_MS, *times[:50], THEN_MS - 2 * YEAR_MS, *times[50:]]
    clock = replayed([*wrong, times[-1] + 30 * DAY_MS])
    assert silent(clock).now_ms == times[-1]


def test_what_is_remembered_of_counts_ahead_is_bounded():
    clock = running()
    clock = ticked(clock, *range(THEN_MS, THEN_MS + YEAR_MS, YEAR_MS // 5_000 // 10 * 10))
    assert len(clock.ahead) <= AHEAD


def test_the_clock_of_an_earlier_version_goes_on():
    clock = running()
    again = TrendClock.unpack(clock.pack()[:5])
    assert again.firm_ms == again.now_ms == THEN_MS
    assert ticked(again, THEN_MS + SLICE_MS).now_ms == THEN_MS + SLICE_MS
