"""The trend writer on a real Postgres: its rows equal a count of all events."""

import math
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
from pyflink.common import Row

from jobs.core.trends.counts import count_interactions, to_elements
from jobs.operators.trend_writer import TREND_SLIDES, TrendWriter
from tests.builders import NOON_MS, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space

UPDATE_MS = 10_000
TRENDS: dict[str, Any] = {"horizons": {"short": (120, 20), "long": (1200, 120)}, "keep": 50}

Event = tuple[str, int]
"""Item and seconds after noon."""


class TrendWorld:
    def __init__(self, dsn: str, *, epoch: int = 100, **trends: Any) -> None:
        self.dsn = dsn
        with psycopg.connect(dsn) as db:
            (spaces,) = db.execute("SELECT count(*) FROM interestream.spaces").fetchone() or (0,)
        self.space_id = 1 if spaces else create_space(dsn)
        settings = operator_settings(
            dsn, space_id=self.space_id, epoch=epoch, trends={**TRENDS, **trends}
        )
        self.flink = FakeFlink(lambda: TrendWriter(settings), NOON_MS)

    def close_window(self, *events: Event) -> None:
        items, times = zip(*events, strict=True)
        at_ms = NOON_MS + 1000 * np.array(times, dtype=np.int64)
        counts = count_interactions(items, at_ms, np.full(len(items), 1.5), UPDATE_MS)
        assert self.flink.send(Row(0, to_elements(counts))) == []

    def rows(self, horizon: str) -> dict[str, tuple[int, float, int | None]]:
        return {
            item: (count, weight, longer)
            for item, count, weight, longer in self.query(
                "SELECT item_id, interactions, weight, longer_interactions FROM interestream.trends"
                " WHERE space_id = %s AND horizon = %s",
                self.space_id,
                horizon,
            )
        }

    def window(self, horizon: str) -> tuple[int | None, int, int, int]:
        """Start, end and event time in seconds after noon; interactions of all items."""
        ((start, end, as_of, count),) = self.query(
            "SELECT extract(epoch FROM window_start)::bigint,"
            " extract(epoch FROM window_end)::bigint, extract(epoch FROM as_of)::bigint,"
            " interactions FROM interestream.trend_windows"
            " WHERE space_id = %s AND horizon = %s",
            self.space_id,
            horizon,
        )
        noon = NOON_MS // 1000
        return start and start - noon, end - noon, as_of - noon, count

    def query(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            return db.execute(query, parameters).fetchall()

    def assert_counts(self, events: list[Event]) -> None:
        """Every row equals a count of all events."""
        as_of = max(second // 10 * 10 for _, second in events) + 10
        numbers = {}
        for horizon, (length, slide) in TRENDS["horizons"].items():
            end = as_of + -as_of % slide
            inside = [item for item, second in events if end - length <= second < end]
            numbers[horizon] = Counter(inside)
            assert self.window(horizon) == (end - length, end, as_of, len(inside))
        # The events are of one day, so nothing fades.
        numbers["all"] = Counter(item for item, _ in events)
        assert self.window("all") == (None, 12 * 3600, as_of, len(events))
        for horizon, longer in (("short", "long"), ("long", "all"), ("all", None)):
            assert self.rows(horizon) == {
                item: (count, 1.5 * count, numbers[longer][item] if longer else None)
                for item, count in numbers[horizon].items()
            }


@pytest.fixture
def world(job_dsn: str) -> Iterator[TrendWorld]:
    made = TrendWorld(job_dsn)
    yield made
    made.flink.close()


def stream(seed: int, count: int = 400) -> list[list[Event]]:
    """Windows of events with growing times, a few of them late by up to an hour."""
    rng = random.Random(seed)
    events = [
        (f"i{rng.randrange(30)}", number * 7 - (rng.randrange(3600) if rng.random() < 0.2 else 0))
        for number in range(count)
    ]
    return [events[start : start + 20] for start in range(0, count, 20)]


def test_rows_count_all_events_late_ones_included(world):
    seen: list[Event] = []
    for batch in stream(1):
        world.close_window(*batch)
        world.flink.advance(UPDATE_MS)
        seen += batch
        world.assert_counts(seen)


def test_rows_that_have_changed_are_a_metric(world):
    def told() -> tuple[int, int]:
        read = world.flink.metrics.read()
        return read["batches"], read["rows_written{table=trends}"]

    # A row of each item in `short`, `long` and `all`.
    world.close_window(("a", 0), ("b", 1))
    assert told() == (1, 6)
    world.flink.advance(UPDATE_MS)
    world.close_window(("a", 11))
    assert told() == (2, 9)
    assert world.flink.metrics.read()["trends_lag_ms"] != 0


def test_writes_are_update_s_apart_and_a_timer_makes_the_last_one(world):
    world.close_window(("a", 0))
    world.close_window(("b", 1))
    assert world.window("long")[3] == 1
    world.flink.advance(UPDATE_MS)
    assert world.window("long")[3] == 2
    assert world.flink.timers == 0


def test_after_a_restore_rows_never_go_back_and_end_the_same(world):
    batches = stream(2)
    seen = [event for batch in batches for event in batch]
    for batch in batches[:8]:
        world.close_window(*batch)
        world.flink.advance(UPDATE_MS)
    checkpoint = world.flink.snapshot()
    for batch in batches[8:15]:
        world.close_window(*batch)
        world.flink.advance(UPDATE_MS)
    far = world.window("short"), world.rows("short")
    world.flink.restore(checkpoint)
    rest = [event for batch in batches[8:] for event in batch]
    for start in range(0, len(rest), 33):  # windows are cut differently
        world.close_window(*rest[start : start + 33])
        world.flink.advance(UPDATE_MS)
        if start + 33 < 7 * 20:
            assert (world.window("short"), world.rows("short")) == far
    world.assert_counts(seen)


def test_the_state_holds_no_more_slides_than_the_horizons_have(world):
    for batch in stream(3):
        world.close_window(*batch)
        assert world.flink.entries(TREND_SLIDES.get_name()) <= 120 // 20 + 1200 // 120 + 1


def test_only_the_items_with_the_most_weight_are_kept(job_dsn):
    world = TrendWorld(job_dsn, keep=2)
    world.close_window(("a", 0), ("b", 0), ("b", 0), ("c", 0), ("c", 0), ("c", 0))
    assert set(world.rows("short")) == {"b", "c"}
    world.flink.advance(UPDATE_MS)
    world.close_window(*[("a", 1)] * 5)
    assert set(world.rows("short")) == {"a", "c"}
    assert world.window("short")[3] == 11
    world.flink.close()


def test_a_new_job_takes_the_rows_over_and_an_older_one_cannot_write(job_dsn):
    old, new = TrendWorld(job_dsn, epoch=100), TrendWorld(job_dsn, epoch=200)
    old.close_window(("a", 0), ("b", 0))
    new.close_window(("b", 0))
    new.assert_counts([("b", 0)])
    old.flink.advance(UPDATE_MS)
    old.close_window(("c", 5))
    new.assert_counts([("b", 0)])
    old.flink.close()
    new.flink.close()


def test_the_rows_of_a_horizon_that_is_no_longer_configured_are_deleted(job_dsn):
    old = TrendWorld(job_dsn)
    old.close_window(("a", 0))
    old.flink.close()
    new = TrendWorld(job_dsn, epoch=200, horizons={"short": (120, 20), "other": (600, 60)})
    new.close_window(("a", 0))
    assert new.query("SELECT horizon FROM interestream.trend_windows ORDER BY 1") == [
        ("all",),
        ("other",),
        ("short",),
    ]
    assert new.rows("long") == {}
    new.flink.close()


def test_rows_carry_what_orders_equal_ones(job_dsn):
    world = TrendWorld(job_dsn, half_life_s=86_400)
    world.close_window(("a", -300), ("b", -300), ("a", -4 * 86_400))
    world.flink.advance(UPDATE_MS)
    world.close_window(("a", 0), ("b", 0))
    rows = world.query(
        "SELECT item_id, weight, longer_weight, standing FROM interestream.trends"
        " WHERE horizon = 'short' ORDER BY item_id"
    )
    # Two events of today, and one of four days ago; thousandths, as of 1970 in half-lives of a day.
    today = NOON_MS // 86_400_000
    assert [row[:3] for row in rows] == [("a", 1.5, 3.0), ("b", 1.5, 3.0)]
    assert [row[3] for row in rows] == pytest.approx(
        [math.log2(3000 + 1500 / 16) + today, math.log2(3000) + today]
    )
    ((half_life, length, start),) = world.query(
        "SELECT extract(epoch FROM half_life)::int, length, window_start"
        " FROM interestream.trend_windows WHERE horizon = 'all'"
    )
    assert (half_life, length, start) == (86_400, None, None)
    world.flink.close()


def test_a_horizon_that_the_state_does_not_know_begins_empty(job_dsn):
    old = TrendWorld(job_dsn, half_life_s=0)
    old.close_window(("a", 0), ("b", 0))
    checkpoint = old.flink.snapshot()
    old.flink.close()
    new = TrendWorld(job_dsn, horizons={**TRENDS["horizons"], "medium": (300, 60)})
    new.flink.restore(checkpoint)
    new.close_window(("a", 10))
    new.flink.advance(UPDATE_MS)
    assert {item: row[0] for item, row in new.rows("long").items()} == {"a": 2, "b": 1}
    for horizon in ("medium", "all"):
        assert {item: row[0] for item, row in new.rows(horizon).items()} == {"a": 1}
    new.flink.close()


def test_another_half_life_begins_empty_and_leaves_nothing_in_the_state(job_dsn):
    old = TrendWorld(job_dsn)
    old.close_window(("a", 0))
    checkpoint = old.flink.snapshot()
    old.flink.close()
    new = TrendWorld(job_dsn, half_life_s=86_400)
    new.flink.restore(checkpoint)
    new.close_window(("b", 0))
    new.flink.advance(UPDATE_MS)
    assert set(new.rows("all")) == {"b"}
    assert new.flink.entries(TREND_SLIDES.get_name()) == 3
    new.flink.close()


def test_deleted_rows_are_written_again(world):
    world.close_window(("a", 0), ("b", 0))
    with psycopg.connect(world.dsn, autocommit=True) as db:
        db.execute("DELETE FROM interestream.trends")
        db.execute("DELETE FROM interestream.trend_windows")
    world.flink.advance(UPDATE_MS)
    world.close_window(("c", 1))
    world.assert_counts([("a", 0), ("b", 0), ("c", 1)])


def test_the_window_names_its_best_items_in_order_and_its_largest_count(job_dsn):
    with_ties = [("often", 1)] * 3 + [("b", 2), ("a", 3)] + [("long ago", -600)] * 5
    world = TrendWorld(job_dsn)
    world.close_window(*with_ties)
    assert world.query(
        "SELECT horizon, largest, best_ids FROM interestream.trend_windows"
        " WHERE horizon IN ('short', 'long') ORDER BY 1"
    ) == [
        ("long", 5, ["long ago", "often", "a", "b"]),
        ("short", 3, ["often", "a", "b"]),
    ]
    world.flink.close()


def test_a_deleted_item_has_no_row_and_is_none_of_the_best(world):
    world.close_window(("a", 1), ("b", 2), ("a", 3))
    with psycopg.connect(world.dsn, autocommit=True) as db:
        db.execute("SELECT interestream.delete_items('{a}')")
    best = "SELECT horizon, best_ids FROM interestream.trend_windows ORDER BY horizon"
    assert world.rows("short") == {"b": (1, 1.5, 1)}
    assert {tuple(ids) for _, ids in world.query(best)} == {("b",)}
    world.close_window(("a", 21), ("b", 22))
    world.flink.advance(20_000)
    assert world.rows("short") == {"b": (2, 3.0, 2)}
    assert {tuple(ids) for _, ids in world.query(best)} == {("b",)}
    assert world.window("short")[3] == 5  # Interactions of all items, the deleted one included.
