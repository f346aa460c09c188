"""Impressions and clicks through the interest step: rows, counts, restarts, users who go."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    NOON_MS,
    command_line,
    event_line,
)
from tests.jobs.operators.builders import InterestWorld
from tests.jobs.operators.merge_builders import MergeWorld


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def context(of: str = "r1", place: int = 1, **fields: str) -> dict[str, Any]:
    return {"recommendation_id": of, "position": place, "source": "new", **fields}


def shown(number: int, item: str = "east", **fields: Any) -> bytes:
    given = {"context": context(), **fields}
    return event_line(number, action="impression", item_id=item, **given)


def clicked(number: int, item: str = "east", of: str = "r1", **fields: Any) -> bytes:
    named = {"recommendation_id": of}
    return event_line(number, action="click", item_id=item, context=named, **fields)


def counted(world: InterestWorld | MergeWorld) -> list[tuple[Any, ...]]:
    """(source, place, segment, variant, impressions, clicks)"""
    return world.rows(
        "SELECT source, place, segment, variant, impressions, clicks"
        " FROM interestream.click_through(%s)",
        world.space_id,
    )


def times_shown(world: InterestWorld | MergeWorld) -> list[tuple[Any, ...]]:
    """(user, item, number of impressions)"""
    return world.rows(
        "SELECT user_id, item_id, cardinality(shown_at) FROM interestream.shown_items ORDER BY 1, 2"
    )


def test_an_impression_and_a_later_click_are_joined(world: InterestWorld) -> None:
    named = context(place=3, segment="few", variant="b")
    world.events(shown(1, context=named), shown(2, "north"))
    assert counted(world) == [("new", 1, "", "", 1, 0), ("new", 3, "few", "b", 1, 0)]
    world.events(clicked(3, event_time=NOON_MS + MINUTE_MS))
    assert counted(world) == [("new", 1, "", "", 1, 0), ("new", 3, "few", "b", 1, 1)]
    assert times_shown(world) == [("ada", "east", 1), ("ada", "north", 1)]


def test_events_that_come_late_or_twice_count_once(world: InterestWorld) -> None:
    world.events(clicked(2), clicked(2))
    world.events(shown(1), shown(1), shown(3, event_time=NOON_MS + 5))
    assert counted(world) == [("new", 1, "", "", 1, 1)]
    assert times_shown(world) == [("ada", "east", 2)]


def test_a_click_beyond_the_window_and_a_dislike_are_no_clicks(world: InterestWorld) -> None:
    world.events(
        shown(1),
        clicked(2, event_time=NOON_MS - DAY_MS - 1),
        event_line(3, action="dislike", context=context()),
        event_line(4, action="unlike", context=context()),
    )
    assert counted(world) == [("new", 1, "", "", 1, 0)]


def test_an_impression_without_a_recommendation_is_shown_and_counts_nowhere(
    world: InterestWorld,
) -> None:
    world.events(shown(1, context=None), event_line(2, context={"device": "phone"}))
    assert times_shown(world) == [("ada", "east", 1)]
    assert counted(world) == []


def test_an_impression_of_an_unknown_item_waits_as_any_event(world: InterestWorld) -> None:
    world.events(shown(1, "far"))
    assert world.progress() == {"records_in": 1, "waiting": 1}
    assert times_shown(world) == counted(world) == []


def test_after_a_restore_the_same_input_gives_the_same_counts(world: InterestWorld) -> None:
    world.events(shown(1), shown(2, "north", context=context(place=2)))
    before = world.flink.snapshot()
    later = [clicked(3), shown(4, "up", context=context("r2", 5)), clicked(5, "north")]
    world.events(*later)
    expected = counted(world), times_shown(world)
    assert [row[4:] for row in expected[0]] == [(1, 1), (1, 1), (1, 0)]
    world.restart(before)
    world.events(*later[:1])
    # The place 5 was counted after the snapshot: until the rest is read again, it is not there.
    assert [row[1:2] + row[4:] for row in counted(world)] == [(1, 1, 1), (2, 1, 0)]
    world.events(*reversed(later[1:]))
    assert (counted(world), times_shown(world)) == expected


def test_nothing_of_a_forgotten_user_stays(world: InterestWorld) -> None:
    world.events(shown(1))
    world.control(command_line("ada", "forget"))
    assert times_shown(world) == []
    assert world.rows("SELECT count(*) FROM interestream.shown_items") == [(0,)]
    # The click is excluded. What was counted holds no user, and stays.
    world.events(clicked(2))
    assert counted(world) == [("new", 1, "", "", 1, 0)]
    assert world.progress()["excluded"] == 1


def test_a_combination_beyond_the_most_is_counted_by_its_place_alone(job_dsn: str) -> None:
    with InterestWorld(job_dsn, feedback={"most_cells": 2}) as world:
        world.events(
            *[
                shown(number, context=context(f"r{number}", 7, variant=f"v{number}"))
                for number in range(5)
            ]
        )
        assert counted(world) == [
            ("", 7, "", "", 3, 0),
            ("new", 7, "", "v0", 1, 0),
            ("new", 7, "", "v1", 1, 0),
        ]


@pytest.mark.parametrize(
    ("sections", "shown_rows"),
    [
        ({"feedback": {"enabled": False}}, 0),
        (
            {
                "privacy": {"epsilon": 1.0},
                "neighbors": {"enabled": False},
                "learning": {"enabled": False},
            },
            1,
        ),
    ],
)
def test_counts_of_all_users_can_be_off(
    job_dsn: str, sections: dict[str, Any], shown_rows: int
) -> None:
    with InterestWorld(job_dsn, **sections) as world:
        world.events(shown(1), clicked(2))
        assert counted(world) == []
        assert len(times_shown(world)) == shown_rows


def test_a_click_of_one_id_joins_what_the_other_was_shown(job_dsn: str) -> None:
    with MergeWorld(job_dsn) as world:
        world.feed(
            shown(1, user_id="anon-1"),
            shown(2, "north", user_id="ada", context=context("r2", 2)),
            clicked(3, "north", "r2", user_id="anon-1", event_time=NOON_MS + HOUR_MS),
        )
        world.merge("anon-1", "ada")
        assert [row[1:2] + row[4:] for row in counted(world)] == [(1, 1, 0), (2, 1, 1)]
        assert times_shown(world) == [("ada", "east", 1), ("ada", "north", 1)]
        world.feed(clicked(4, user_id="ada"))
        assert [row[1:2] + row[4:] for row in counted(world)] == [(1, 1, 1), (2, 1, 1)]


def test_a_line_that_is_fed_to_a_merged_user_again_changes_nothing(job_dsn: str) -> None:
    with MergeWorld(job_dsn) as world:
        world.feed(shown(1, user_id="anon-1"), clicked(2, user_id="anon-1"))
        world.merge("anon-1", "ada")
        world.feed(shown(1, user_id="anon-1"), clicked(2, user_id="anon-1"))
        assert [row[4:] for row in counted(world)] == [(1, 1)]
