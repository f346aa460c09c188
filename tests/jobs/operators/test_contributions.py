"""With `privacy.epsilon` a user is counted for others once a day, whatever they do."""

from collections import Counter
from typing import Any

import pytest

from jobs.core.trends.counts import unpack
from jobs.operators.contributions import CONTRIBUTIONS
from tests.builders import ITEMS, NOON_MS, command_line, event_line
from tests.jobs.operators.builders import InterestWorld

DAY_MS = 86_400_000
PRIVATE: dict[str, Any] = {
    "privacy": {"epsilon": 1.0},
    "neighbors": {"enabled": False},
    "learning": {"enabled": False},
}
FIRST, SECOND = sorted(ITEMS)[:2]


def counted(world: InterestWorld) -> Counter[tuple[str, int]]:
    """Events counted so far, by item and day after the first one."""
    sums: Counter[tuple[str, int]] = Counter()
    for row in world.trend_rows:
        counts = unpack(row[1])
        for item, at_ms, count in zip(counts.item_id, counts.slice_ms, counts.count, strict=True):
            sums[item, int((at_ms - NOON_MS) // DAY_MS)] += int(count)
    return sums


def like(number: int, user: str, item: str, day: int, action: str = "like") -> bytes:
    at_ms = NOON_MS - day * DAY_MS
    return event_line(number, user_id=user, item_id=item, action=action, event_time=at_ms)


@pytest.fixture
def world(job_dsn: str) -> Any:
    with InterestWorld(job_dsn, **PRIVATE) as made:
        yield made


def test_the_first_event_of_a_user_and_day_is_counted(world: InterestWorld) -> None:
    world.events(
        like(1, "ada", FIRST, 0),
        like(2, "ada", SECOND, 0, "purchase"),
        like(3, "ada", FIRST, 1),
        like(4, "bob", FIRST, 0),
        like(5, "bob", FIRST, 0, "dislike"),
    )
    world.events(like(6, "ada", SECOND, 0), like(7, "cleo", SECOND, 0))
    assert counted(world) == {(FIRST, 0): 2, (FIRST, -1): 1, (SECOND, 0): 1}


def test_every_event_weighs_the_same(world: InterestWorld) -> None:
    world.events(like(1, "ada", FIRST, 0, "purchase"))
    (row,) = world.trend_rows
    assert unpack(row[1]).weight.tolist() == [1000]


def test_a_restore_counts_no_user_twice(world: InterestWorld) -> None:
    world.events(like(1, "ada", FIRST, 0))
    world.restart()
    world.events(like(2, "ada", SECOND, 0))
    assert counted(world) == {(FIRST, 0): 1}


def test_a_users_own_interest_is_as_without_the_bound(world: InterestWorld) -> None:
    world.events(like(1, "ada", FIRST, 0), like(2, "ada", SECOND, 0))
    assert world.event_count("ada") == 2


def test_what_was_counted_goes_with_the_user(world: InterestWorld) -> None:
    world.events(like(1, "ada", FIRST, 0), like(2, "bob", FIRST, 0))
    assert world.flink.entries(CONTRIBUTIONS) == 2
    world.control(command_line("ada", "forget"))
    assert world.flink.entries(CONTRIBUTIONS) == 1
