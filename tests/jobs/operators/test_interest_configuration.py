"""Configurations of the interest step: parts switched off, and the state after a change."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.errors import StateSchemaError
from tests.builders import (
    EAST,
    INWARD,
    MINUTE_MS,
    NOON_MS,
    NORTH,
    UP,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, create_space

POSITIVE = ("recent", "session", "day", "month", "topics")

AT_ONCE = {"slow_delay_s": 0}


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def at(number: int, **fields: object) -> bytes:
    """The event `number` minutes after noon."""
    return event_line(number, event_time=NOON_MS + number * MINUTE_MS, **fields)


def weights(world: InterestWorld) -> dict[str, float]:
    return dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))


def test_a_changed_half_life_applies_from_the_next_event_on(world):
    world.events(at(0))
    world.restart(interest={**AT_ONCE, "half_lives_s": {"day": 3600.0}})
    world.events(at(60, item_id="north"))
    # The like of an hour ago counts half of 3.
    assert weights(world)["day"] == pytest.approx(4.5)
    np.testing.assert_allclose(world.windows()["day"], [5**-0.5, 2 * 5**-0.5, 0, 0], atol=1e-3)


def test_a_new_window_begins_with_the_next_event_and_the_others_continue(world):
    world.events(at(0))
    half_lives_s = {"hour": 3600.0, "day": 86_400.0, "month": 2_592_000.0}
    world.restart(interest={**AT_ONCE, "half_lives_s": half_lives_s})
    world.events(at(1, item_id="north"))
    found = world.windows()
    assert found["hour"] == list(NORTH)
    np.testing.assert_allclose(found["month"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
    assert world.event_count() == 2


def test_a_removed_window_is_dropped_from_the_state(world):
    world.events(at(0))
    world.restart(interest={**AT_ONCE, "half_lives_s": {"month": 2_592_000.0}})
    world.events(at(1, item_id="north"))
    np.testing.assert_allclose(world.windows()["month"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
    world.restart(interest=AT_ONCE)
    world.events(at(2, item_id="up"))
    assert world.windows()["day"] == list(UP)
    np.testing.assert_allclose(world.windows()["month"], [3**-0.5] * 3 + [0], atol=1e-3)


@pytest.mark.parametrize("on", [True, False])
def test_topics_can_be_switched_on_and_off(job_dsn, on):
    settings = [{**AT_ONCE, "topics_half_life_s": 0}, AT_ONCE]
    first, second = settings if on else settings[::-1]
    with InterestWorld(job_dsn, interest=first) as world:
        world.events(at(0))
        assert ("topics" in world.windows()) != on
        world.restart(interest=second)
        world.events(at(1, item_id="north"))
        found = world.windows()
        np.testing.assert_allclose(found["month"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
        # Switched off, the row of the last write stays.
        assert found["topics"] == list(NORTH if on else EAST)


@pytest.mark.parametrize("last_n", [2, 32])
def test_the_number_of_last_interactions_can_be_changed(job_dsn, last_n):
    with InterestWorld(job_dsn, interest={**AT_ONCE, "last_n": 3}) as world:
        world.events(*(at(n, item_id=item) for n, item in enumerate(["up", "north", "east"])))
        world.restart(interest={**AT_ONCE, "last_n": last_n})
        world.events(at(3, item_id="slant"))
        kept = ["slant", "east", "north", "up"][:last_n]
        expected = sum(3 * 2 ** (-rank / 3) for rank in range(len(kept)))
        assert weights(world)["recent"] == pytest.approx(expected)
        assert weights(world)["session"] == pytest.approx(3 * len(kept))
        assert weights(world)["month"] == pytest.approx(12, rel=1e-3)


def test_last_interactions_can_be_switched_off_and_on_again(world):
    world.events(at(0))
    world.restart(interest={**AT_ONCE, "last_n": 0})
    world.events(at(1, item_id="north"))
    assert world.windows()["recent"] == list(EAST)
    world.restart(interest=AT_ONCE)
    world.events(at(2, item_id="up"))
    assert world.windows()["recent"] == list(UP)


def test_the_vector_of_a_query_is_kept_over_a_change_of_configuration(world):
    world.text_events((search_line(1, "red shoes"), INWARD))
    world.restart(interest={**AT_ONCE, "last_n": 8, "topics_half_life_s": 0})
    world.events(at(2, action="view", item_id="north"))
    expected = np.array([0.0, 1.0, 0.0, 2 * 2 ** (-1 / 3)])
    np.testing.assert_allclose(
        world.windows()["recent"], expected / np.linalg.norm(expected), atol=1e-3
    )


def test_a_like_from_before_a_change_of_configuration_can_be_undone(world):
    world.events(at(0), at(1, item_id="north"))
    world.restart(interest={**AT_ONCE, "last_n": 8})
    world.events(at(2, action="unlike"))
    assert {kind: row for kind, row in world.windows().items() if kind != "day"} == {
        kind: list(NORTH) for kind in ("recent", "session", "month", "topics")
    }


def test_ids_are_kept_over_a_change_of_configuration(world):
    world.events(at(0))
    world.restart(interest={**AT_ONCE, "last_n": 8, "half_lives_s": {}})
    world.events(at(0))
    assert world.progress() == {"records_in": 2, "duplicates": 1, "applied": 1}


def test_several_changes_of_configuration_lose_no_user(world):
    for number, last_n in enumerate((32, 4, 32, 8)):
        world.restart(interest={**AT_ONCE, "last_n": last_n})
        world.events(at(number, user_id=f"u{number}"))
    # Each user is migrated from another layout.
    world.events(*(at(10 + n, user_id=f"u{n}", item_id="north") for n in range(4)))
    for number in range(4):
        assert world.event_count(f"u{number}") == 2
        np.testing.assert_allclose(
            world.windows(f"u{number}")["session"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3
        )


def test_a_delay_that_is_switched_on_applies_to_later_events(world):
    world.events(*(event_line(n) for n in range(20)))
    world.restart(interest={"slow_delay_s": 5})
    world.events(event_line(100, action="dwell", value=1, item_id="north"))
    assert world.unwritten() == 1
    world.flink.advance(6_000)
    assert (world.event_count(), world.unwritten()) == (21, 0)


def test_a_space_of_another_dimension_is_refused_with_both_dimensions(job_dsn):
    with InterestWorld(job_dsn) as world:
        world.events(event_line(1))
        world.restart(dim=8)
        with pytest.raises(StateSchemaError, match=r"4 dimensions.*8"):
            world.events(event_line(2))


def test_the_state_of_another_space_of_the_same_dimension_is_refused(world):
    # Vectors of two spaces must never be added up.
    world.events(event_line(1))
    world.restart(space_id=create_space(world.dsn, sha256="bb"))
    with pytest.raises(StateSchemaError, match="start the job without this state"):
        world.events(event_line(2))


@pytest.mark.parametrize(
    ("off", "kinds"),
    [
        ({"last_n": 0}, {"day", "month", "topics", "dislikes"}),
        ({"half_lives_s": {}}, {"recent", "session", "topics", "dislikes"}),
        ({"topics_half_life_s": 0}, {"recent", "session", "day", "month", "dislikes"}),
        ({"dislikes_half_life_s": 0}, {*POSITIVE}),
        (
            {
                "last_n": 0,
                "half_lives_s": {},
                "topics_half_life_s": 0,
                "dislikes_half_life_s": 0,
            },
            set(),
        ),
    ],
)
def test_parts_that_are_switched_off_have_no_rows(job_dsn, off, kinds):
    with InterestWorld(job_dsn, interest={"slow_delay_s": 0, **off}) as world:
        world.events(at(1), at(2, action="dislike", item_id="north"), at(3, action="view"))
        world.events(at(4, action="unlike"))
        assert set(world.windows()) == kinds
        assert world.event_count() == 4
        interests = world.rows("SELECT interest_items FROM interestream.users")
        assert interests == [([],)] if "last_n" in off else [(["east"],)]
        world.restart()
        world.events(at(5, action="view"))
        assert set(world.windows()) == kinds


def test_without_relations_no_rows_of_user_items_are_written(job_dsn):
    interest = {"relations": False, "slow_delay_s": 0}
    with InterestWorld(job_dsn, interest=interest) as world:
        world.events(at(1))
        assert world.event_count() == 1
        assert world.rows("SELECT * FROM interestream.user_items") == []
