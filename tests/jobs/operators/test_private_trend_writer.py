"""The private trend writer on a real Postgres.

With `epsilon` 100 the noise is 0 but for one draw in 10^43, so sums can be compared.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
from pyflink.common import Row

from jobs.core.trends.all_time import DAY_MS
from jobs.core.trends.counts import TrendCounts, to_elements
from jobs.operators.private_trend_writer import OPEN_DAYS, PrivateTrendWriter
from tests.builders import NOON_MS, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space
from tests.sql.builders import add_item

EXACT = 100.0
TODAY = NOON_MS // DAY_MS
ITEMS = ("a", "b", "c")
HORIZONS = {"hour": (3600, 60), "day": (86400, 1800), "week": (604800, 10800)}

Counted = tuple[str, int, int]
"""Item, day after the first one, and number of events."""


class PrivateWorld:
    def __init__(self, dsn: str, *, epoch: int = 100, epsilon: float = EXACT) -> None:
        self.dsn = dsn
        if not self.query("SELECT 1 FROM interestream.spaces"):
            create_space(dsn)
            with psycopg.connect(dsn, autocommit=True) as db:
                for item in ITEMS:
                    add_item(db, item)
        settings = operator_settings(
            dsn,
            epoch=epoch,
            trends={
                "horizons": {"hour": (3600, 60), "day": (86400, 1800), "week": (604800, 10800)}
            },
            privacy={"epsilon": epsilon},
            neighbors={"enabled": False},
            learning={"enabled": False},
        )
        self.flink = FakeFlink(lambda: PrivateTrendWriter(settings), NOON_MS)

    def count(self, *counted: Counted) -> None:
        sums = {
            ((TODAY + day) * DAY_MS, item): (count, 1000 * count) for item, day, count in counted
        }
        assert self.flink.send(Row(0, to_elements(TrendCounts.of(sums)))) == []

    def query(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            return db.execute(query, parameters).fetchall()

    def rows(self, horizon: str) -> dict[str, int]:
        return dict(
            self.query(
                "SELECT item_id, interactions FROM interestream.trends WHERE horizon = %s", horizon
            )
        )

    def released(self) -> list[tuple[Any, ...]]:
        return self.query("SELECT day, items, counts FROM interestream.private_counts ORDER BY day")


@pytest.fixture
def world(job_dsn: str) -> Iterator[PrivateWorld]:
    made = PrivateWorld(job_dsn)
    yield made
    made.flink.close()


def test_a_day_is_shown_when_it_is_over(world: PrivateWorld) -> None:
    world.count(("a", 0, 5), ("b", 0, 2))
    world.count(("a", 0, 1))
    assert world.rows("day") == {}
    assert world.released() == []
    world.count(("b", 1, 4))
    assert world.rows("day") == world.rows("week") == {"a": 6, "b": 2}
    world.count(("c", 2, 1))
    assert world.rows("day") == {"b": 4}
    assert world.rows("week") == {"a": 6, "b": 6}


def test_only_horizons_of_whole_days_have_rows_and_answers_come_from_them(
    world: PrivateWorld,
) -> None:
    world.query(
        "INSERT INTO interestream.user_items VALUES ('u', 'c', 2, now(), now(), 1, now(), 1)"
        " RETURNING 1"
    )
    world.count(("a", 0, 5))
    horizons = world.query("SELECT horizon FROM interestream.trend_windows ORDER BY horizon")
    assert horizons == [("day",), ("week",)]
    # What one user did is not shown while nothing is released.
    assert world.query("SELECT item_id FROM interestream.trending()") == []
    world.count(("a", 1, 1))
    assert world.query("SELECT item_id FROM interestream.trending()") == [("a",)]


def test_every_item_of_the_catalogue_has_noise_counted_or_not(job_dsn: str) -> None:
    world = PrivateWorld(job_dsn, epsilon=0.01)
    world.count(("a", 0, 5))
    world.count(("a", 1, 1))
    ((_, items, counts),) = world.released()
    assert items == list(ITEMS)
    # Each is 0 with a chance of 0.005.
    assert any(counts)
    assert counts[0] != 5 or counts[1] or counts[2]
    world.flink.close()


def test_days_without_events_are_released_too(world: PrivateWorld) -> None:
    world.count(("a", 0, 5))
    world.count(("a", 3, 1))
    assert [counts for _, _, counts in world.released()] == [[5, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_an_event_of_a_released_day_is_not_counted(world: PrivateWorld) -> None:
    world.count(("a", 0, 5))
    world.count(("a", 1, 1))
    world.count(("b", 0, 9))
    world.count(("a", 2, 1))
    assert world.rows("week") == {"a": 6}


def test_a_day_is_released_once_whatever_fails(job_dsn: str) -> None:
    world = PrivateWorld(job_dsn, epsilon=0.01)
    world.count(("a", 0, 5))
    checkpoint = world.flink.snapshot()
    world.count(("a", 1, 1))
    first = world.released()
    world.flink.restore(checkpoint)
    world.count(("a", 0, 3), ("a", 1, 1))
    assert world.released() == first
    world.flink.close()
    # A job that starts anew, for another space or with a budget of its own, finds it released.
    again = PrivateWorld(job_dsn, epoch=200, epsilon=EXACT)
    again.count(("a", 0, 7))
    again.count(("b", 1, 1))
    assert again.released() == first
    again.flink.close()


def test_days_that_no_horizon_shows_are_deleted(world: PrivateWorld) -> None:
    for day in range(10):
        world.count(("a", day, 1))
    assert len(world.released()) == 7
    assert world.rows("week") == {"a": 7}


def test_rows_of_exact_counts_go_with_the_first_write(job_dsn: str, world: PrivateWorld) -> None:
    for horizon in ("hour", "week", "all"):
        world.query(
            "INSERT INTO interestream.trend_windows (space_id, horizon, length, window_start,"
            " window_end, as_of, interactions, largest, best_ids, epoch, version)"
            " VALUES (1, %s, '1 hour', now(), now(), now(), 9, 9, '{c}', 100, 900000) RETURNING 1",
            horizon,
        )
        world.query(
            "INSERT INTO interestream.trends VALUES (1, %s, 'c', 9, 9) RETURNING 1", horizon
        )
    world.count(("a", 0, 5))
    assert world.query("SELECT item_id FROM interestream.trends") == []


def test_state_of_a_released_day_goes(world: PrivateWorld) -> None:
    world.count(("a", 0, 5))
    world.count(("a", 1, 1))
    assert world.flink.entries(OPEN_DAYS.get_name()) == 1


def test_a_deleted_item_has_no_row(world: PrivateWorld) -> None:
    world.count(("a", 0, 5), ("b", 0, 2))
    world.query("SELECT interestream.delete_items('{a}')")
    world.count(("b", 1, 1))
    assert world.rows("day") == {"b": 2}


def test_sums_that_may_be_noise_are_not_shown(job_dsn: str) -> None:
    world = PrivateWorld(job_dsn, epsilon=1.0)
    world.count(("a", 0, 100))
    world.count(("a", 1, 1))
    assert "a" in world.rows("week")
    least = 3 * np.sqrt(2 * np.exp(-1)) / (1 - np.exp(-1))
    assert all(count >= least for count in world.rows("day").values())
    world.flink.close()
