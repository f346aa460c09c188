"""The trend clock step: it merges counts, adds event time, and closes windows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyflink.common import Row

from jobs.core.trends.counts import count_interactions, from_elements, pack
from jobs.operators.trend_clock_step import ROW_ELEMENTS, TrendClockStep
from jobs.trend_settings import Trends
from tests.builders import DAY_MS, HOUR_MS, NOON_MS, operator_settings
from tests.fakes.keyed_context import FakeFlink

SLICE_MS = 10_000
MERGE_MS = Trends().merge_ms
THEN_MS = NOON_MS - 1000 * DAY_MS


class Clock:
    def __init__(self, **trends: Any) -> None:
        settings = operator_settings(trends=trends)
        self.flink = FakeFlink(lambda: TrendClockStep(settings), NOON_MS)

    def count(self, *events: tuple[str, int], bucket: int = 0) -> None:
        items, times = zip(*events, strict=True)
        counts = count_interactions(items, np.array(times), np.ones(len(items)), SLICE_MS)
        # Keyed by a constant in the job; the fake takes the first field.
        self.flink.send(Row(bucket, pack(counts)))

    def new_rows(self) -> list[tuple[int, dict[tuple[str, int], int]]]:
        """(clock, counts by item and slice) of the rows since the last call."""
        rows, self.flink.timer_rows = self.flink.timer_rows, []
        return [(clock_ms, self._counts(elements)) for clock_ms, elements in rows]

    def _counts(self, elements: Any) -> dict[tuple[str, int], int]:
        found = from_elements(elements)
        keys = zip(found.item_id, found.slice_ms.tolist(), strict=True)
        return dict(zip(keys, found.count.tolist(), strict=True))


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock()
    yield made
    made.flink.close()


def test_counts_of_one_second_are_emitted_as_one_row(clock):
    clock.count(*[("a", THEN_MS)] * 10)
    clock.count(*[("a", THEN_MS)] * 10, ("b", THEN_MS))
    assert clock.new_rows() == []
    clock.flink.advance(MERGE_MS)
    assert clock.new_rows() == [(THEN_MS, {("a", THEN_MS): 20, ("b", THEN_MS): 1})]


def test_how_far_event_time_is_behind_the_clock_is_a_metric(clock):
    clock.count(*[("a", THEN_MS)] * 20)
    clock.flink.advance(MERGE_MS)
    lag_ms = clock.flink.metrics.read()["clock_lag_ms"]
    assert NOON_MS - THEN_MS <= lag_ms <= NOON_MS - THEN_MS + MERGE_MS


def test_without_counts_the_open_window_is_closed_once(clock):
    clock.count(*[("a", THEN_MS)] * 20)
    clock.flink.advance(MERGE_MS)
    clock.new_rows()
    clock.flink.advance(DAY_MS)
    assert clock.new_rows() == [(THEN_MS + SLICE_MS, {("", 0): 0})]
    assert clock.flink.timers == 0


def test_without_counts_event_time_goes_on_to_the_newest_one(clock):
    days = [THEN_MS + number * DAY_MS for number in range(100)]
    for number, at_ms in enumerate(days):
        clock.count((f"i{number}", at_ms))
    clock.flink.advance(MERGE_MS)
    assert clock.new_rows()[-1][0] < days[-1]
    clock.flink.advance(10 * MERGE_MS)
    assert [clock_ms for clock_ms, _ in clock.new_rows()] == [days[-1], days[-1] + SLICE_MS]
    assert clock.flink.timers == 0


def test_many_counts_are_emitted_in_rows_of_limited_length(clock):
    clock.count(*[(f"i{number}", THEN_MS) for number in range(1_000)])
    clock.flink.advance(MERGE_MS)
    assert max(len(elements) for _, elements in clock.flink.timer_rows) <= ROW_ELEMENTS
    rows = clock.new_rows()
    assert {clock_ms for clock_ms, _ in rows} == {THEN_MS}
    counted = [key for _, counts in rows for key in counts]
    assert sorted(counted) == sorted((f"i{number}", THEN_MS) for number in range(1_000))


def test_a_few_counts_are_kept_until_event_time_is_known(clock):
    clock.count(("a", THEN_MS))
    clock.flink.advance(10 * MERGE_MS)
    assert clock.new_rows() == []
    clock.flink.advance(50 * MERGE_MS)
    first, *further = clock.new_rows()
    assert first == (THEN_MS, {("a", THEN_MS): 1})
    assert [clock_ms for clock_ms, _ in further] == [THEN_MS + SLICE_MS]
    assert clock.flink.timers == 0


def count_old_ones(clock: Clock) -> dict[tuple[str, int], int]:
    """The counts that are emitted, where some of those that came are more than 30 days old."""
    midnight_ms = THEN_MS // DAY_MS * DAY_MS
    old = [("b", midnight_ms - 40 * DAY_MS + hour * HOUR_MS) for hour in range(3)]
    clock.count(*[("a", THEN_MS)] * 20, *old, ("c", midnight_ms - 50 * DAY_MS))
    clock.flink.advance(MERGE_MS)
    ((_, counts),) = clock.new_rows()
    return counts


def test_counts_before_every_horizon_are_emitted_by_day(clock):
    midnight_ms = THEN_MS // DAY_MS * DAY_MS
    assert count_old_ones(clock) == {
        ("a", THEN_MS): 20,
        ("b", midnight_ms - 40 * DAY_MS): 3,
        ("c", midnight_ms - 50 * DAY_MS): 1,
    }


def test_without_all_time_counts_before_every_horizon_are_emitted_without_their_items():
    clock = Clock(half_life_s=0)
    assert count_old_ones(clock) == {("a", THEN_MS): 20, ("", THEN_MS - 30 * DAY_MS - 1): 4}
    clock.flink.close()


def test_a_restored_step_continues_with_its_clock_and_pending_counts(clock):
    clock.count(*[("a", THEN_MS)] * 20)
    clock.flink.advance(MERGE_MS)
    clock.count(("b", THEN_MS - SLICE_MS))
    checkpoint = clock.flink.snapshot()
    clock.flink.advance(DAY_MS)
    late = {("b", THEN_MS - SLICE_MS): 1}
    assert clock.new_rows()[1:] == [(THEN_MS, late), (THEN_MS + SLICE_MS, {("", 0): 0})]
    clock.flink.restore(checkpoint)
    clock.flink.advance(DAY_MS)
    # A day later the open window is overdue: it is closed, and the late count comes with the next.
    assert clock.new_rows() == [
        (THEN_MS + SLICE_MS, late),
        (THEN_MS + 2 * SLICE_MS, {("", 0): 0}),
    ]
    assert clock.flink.timers == 0
