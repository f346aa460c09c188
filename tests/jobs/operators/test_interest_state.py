"""What the state keeps and for how long, over changes of configuration and lost entries."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.errors import StateSchemaError
from jobs.operators.interest_step import WAITING_CHECK_MS
from tests.builders import (
    DAY_MS,
    EAST,
    HOUR_MS,
    INWARD,
    MINUTE_MS,
    NOON_MS,
    NORTH,
    UP,
    command_line,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row

PROMPT = {"slow_delay_s": 0}


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


@pytest.fixture
def uncached(job_dsn: str) -> Iterator[InterestWorld]:
    """Nobody is at hand: the state is asked each time."""
    with InterestWorld(job_dsn, batching={"cache_mb": 0}) as made:
        yield made


def at(number: int, **fields: object) -> bytes:
    """The event `number` minutes after noon."""
    return event_line(number, event_time=NOON_MS + number * MINUTE_MS, **fields)


def weights(world: InterestWorld) -> dict[str, float]:
    return dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))


@pytest.mark.parametrize("user_ttl_s", [60, 34_560_000])
def test_users_have_a_time_to_live_whatever_is_configured(job_dsn, user_ttl_s):
    with InterestWorld(job_dsn, retention={"user_ttl_s": user_ttl_s}) as world:
        assert world.flink.ttl_ms == {"users-v2": user_ttl_s * 1000}


def test_a_user_whose_state_is_gone_begins_anew_and_above_the_rows_of_before(uncached):
    uncached.events(*(event_line(n) for n in range(5)))
    before = uncached.versions()["ada"]
    uncached.flink.lose("users-v2", "ada")
    uncached.flink.advance(HOUR_MS)
    uncached.events(event_line(9, item_id="north", event_time=NOON_MS + 1))
    assert uncached.counted() == 1
    assert uncached.windows()["day"] == list(NORTH)
    assert uncached.versions()["ada"] > before


def test_a_second_life_of_a_user_is_written_even_if_it_begins_within_the_same_batches(uncached):
    versions = []
    for number in range(3):
        uncached.flink.lose("users-v2", "ada")
        uncached.flink.advance(1)
        uncached.events(event_line(number))
        assert uncached.counted() == 1
        versions.append(uncached.versions()["ada"])
    assert [later - versions[0] for later in versions] == [0, 1_000, 2_000]


def test_what_came_back_after_a_restore_is_above_what_was_written_before_it(world):
    checkpoint = world.flink.snapshot()
    world.events(*(event_line(n) for n in range(5)))
    before = world.versions()["ada"]
    world.flink.advance(1_000)
    world.flink.restore(checkpoint)
    world.events(event_line(0))
    assert (world.counted(), world.versions()["ada"] > before) == (1, True)


def test_a_half_life_that_was_changed_holds_from_the_next_event_on(world):
    world.events(at(0))
    world.restart(interest={**PROMPT, "half_lives_s": {"day": 3600.0}})
    world.events(at(60, item_id="north"))
    # An hour old: half of 3.
    assert weights(world)["day"] == pytest.approx(4.5)
    np.testing.assert_allclose(world.windows()["day"], [5**-0.5, 2 * 5**-0.5, 0, 0], atol=1e-3)


def test_a_window_that_is_added_begins_with_the_next_event_and_the_others_go_on(world):
    world.events(at(0))
    half_lives_s = {"hour": 3600.0, "day": 86_400.0, "month": 2_592_000.0}
    world.restart(interest={**PROMPT, "half_lives_s": half_lives_s})
    world.events(at(1, item_id="north"))
    told = world.windows()
    assert told["hour"] == list(NORTH)
    np.testing.assert_allclose(told["month"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
    assert world.counted() == 2


def test_a_window_that_is_taken_out_is_kept_no_longer(world):
    world.events(at(0))
    world.restart(interest={**PROMPT, "half_lives_s": {"month": 2_592_000.0}})
    world.events(at(1, item_id="north"))
    np.testing.assert_allclose(world.windows()["month"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
    world.restart(interest=PROMPT)
    world.events(at(2, item_id="up"))
    assert world.windows()["day"] == list(UP)
    np.testing.assert_allclose(world.windows()["month"], [3**-0.5] * 3 + [0], atol=1e-3)


@pytest.mark.parametrize("on", [True, False])
def test_topics_can_be_switched_on_and_off(job_dsn, on):
    settings = [{**PROMPT, "topics_half_life_s": 0}, PROMPT]
    first, second = settings if on else settings[::-1]
    with InterestWorld(job_dsn, interest=first) as world:
        world.events(at(0))
        assert ("topics" in world.windows()) != on
        world.restart(interest=second)
        world.events(at(1, item_id="north"))
        found = world.windows()
        np.testing.assert_allclose(found["month"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3)
        # Off: the row is the one that was written last.
        assert found["topics"] == list(NORTH if on else EAST)


@pytest.mark.parametrize("last_n", [2, 32])
def test_more_or_fewer_last_interactions_may_be_kept(job_dsn, last_n):
    with InterestWorld(job_dsn, interest={**PROMPT, "last_n": 3}) as world:
        world.events(*(at(n, item_id=item) for n, item in enumerate(["up", "north", "east"])))
        world.restart(interest={**PROMPT, "last_n": last_n})
        world.events(at(3, item_id="slant"))
        kept = ["slant", "east", "north", "up"][:last_n]
        expected = sum(3 * 2 ** (-rank / 3) for rank in range(len(kept)))
        assert weights(world)["recent"] == pytest.approx(expected)
        assert weights(world)["session"] == pytest.approx(3 * len(kept))
        assert weights(world)["month"] == pytest.approx(12, rel=1e-3)


def test_last_interactions_can_be_switched_off_and_on_again(world):
    world.events(at(0))
    world.restart(interest={**PROMPT, "last_n": 0})
    world.events(at(1, item_id="north"))
    assert world.windows()["recent"] == list(EAST)
    world.restart(interest=PROMPT)
    world.events(at(2, item_id="up"))
    assert world.windows()["recent"] == list(UP)


def test_the_words_of_a_search_outlive_a_change_of_configuration(world):
    world.spoken((search_line(1, "red shoes"), INWARD))
    world.restart(interest={**PROMPT, "last_n": 8, "topics_half_life_s": 0})
    world.events(at(2, action="view", item_id="north"))
    expected = np.array([0.0, 1.0, 0.0, 2 * 2 ** (-1 / 3)])
    np.testing.assert_allclose(
        world.windows()["recent"], expected / np.linalg.norm(expected), atol=1e-3
    )


def test_a_like_of_before_a_change_of_configuration_can_still_be_undone(world):
    world.events(at(0), at(1, item_id="north"))
    world.restart(interest={**PROMPT, "last_n": 8})
    world.events(at(2, action="unlike"))
    assert {kind: row for kind, row in world.windows().items() if kind != "day"} == {
        kind: list(NORTH) for kind in ("recent", "session", "month", "topics")
    }


def test_ids_are_known_over_a_change_of_configuration(world):
    world.events(at(0))
    world.restart(interest={**PROMPT, "last_n": 8, "half_lives_s": {}})
    world.events(at(0))
    assert world.progress() == {"records_in": 2, "duplicates": 1, "applied": 1}


def test_several_changes_one_after_another_lose_nobody(world):
    for number, last_n in enumerate((32, 4, 32, 8)):
        world.restart(interest={**PROMPT, "last_n": last_n})
        world.events(at(number, user_id=f"u{number}"))
    # Everyone comes back from a layout of their own.
    world.events(*(at(10 + n, user_id=f"u{n}", item_id="north") for n in range(4)))
    for number in range(4):
        assert world.counted(f"u{number}") == 2
        np.testing.assert_allclose(
            world.windows(f"u{number}")["session"], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-3
        )


def test_a_delay_that_is_switched_on_holds_from_then_on(world):
    world.events(*(event_line(n) for n in range(20)))
    world.restart(interest={"slow_delay_s": 5})
    world.events(event_line(100, action="dwell", value=1, item_id="north"))
    assert world.unwritten() == 1
    world.flink.advance(6_000)
    assert (world.counted(), world.unwritten()) == (21, 0)


def test_a_space_of_another_dimension_is_refused_with_both_dimensions(job_dsn):
    with InterestWorld(job_dsn) as world:
        world.events(event_line(1))
        world.restart(dim=8)
        with pytest.raises(StateSchemaError, match=r"4 dimensions.*8"):
            world.events(event_line(2))


def test_the_state_of_another_space_of_the_same_dimension_is_refused(world):
    # Its vectors would be added to those of this one.
    world.events(event_line(1))
    world.restart(space_id=world.space_id + 1)
    with pytest.raises(StateSchemaError, match="starts without it"):
        world.events(event_line(2))


def test_no_id_of_a_forgotten_user_is_left_anywhere_in_the_state(job_dsn):
    with InterestWorld(job_dsn, interest={"slow_delay_s": 5}) as world:
        names = ("ada lovelace", "bob")
        for place, name in enumerate(names):
            world.events(*(event_line(100 * place + n, user_id=name) for n in range(20)))
        world.flink.advance(6_000)
        for place, name in enumerate(names):
            # Unwritten, waiting for an item, and with words of their own.
            world.events(
                event_line(900 + place, user_id=name, action="view"),
                event_line(950 + place, user_id=name, item_id="new"),
            )
            world.spoken((search_line(970 + place, f"hats of {name}", user_id=name), INWARD))
        assert world.flink.holding(names[0]) == {"users-v2", "unwritten-v1", "waiting-v2"}
        world.control(command_line(names[0], "forget"))
        assert world.flink.holding(names[0]) == set()
        assert world.flink.holding("bob") == {"users-v2", "unwritten-v1", "waiting-v2"}
        world.events(event_line(999, user_id=names[0]))
        assert world.flink.holding(names[0]) == set()
        assert world.rows("SELECT count(*) FROM interestream.users") == [(1,)]


def test_forgetting_survives_a_restore_and_everybody_elses_change_of_configuration(world):
    world.events(event_line(1))
    world.control(command_line("ada", "forget"))
    world.restart(interest={**PROMPT, "last_n": 8})
    world.events(event_line(2), event_line(3, user_id="bob"))
    assert (world.counted(), world.counted("bob")) == (None, 1)
    assert world.progress() == {"records_in": 3, "applied": 2, "excluded": 1}


def test_who_opts_in_after_a_restore_is_told_what_is_still_known(world):
    world.events(event_line(1), event_line(2, action="dislike", item_id="up"))
    before, interests = world.windows(), "SELECT events, interest_items FROM interestream.users"
    told = world.rows(interests)
    world.control(command_line("ada", "opt_out"))
    world.restart()
    world.control(command_line("ada", "opt_in"))
    assert (world.windows(), world.rows(interests)) == (before, told)


def test_who_opts_in_after_the_state_is_gone_has_no_rows_and_begins_anew(uncached):
    uncached.events(event_line(1))
    uncached.control(command_line("ada", "opt_out"))
    uncached.flink.lose("users-v2", "ada")
    uncached.control(command_line("ada", "opt_in"))
    assert (uncached.counted(), uncached.windows()) == (None, {})
    uncached.flink.advance(1)
    uncached.events(event_line(2, item_id="north"))
    assert uncached.windows()["day"] == list(NORTH)


def test_of_a_users_ids_only_the_newest_are_known(job_dsn):
    with InterestWorld(job_dsn, retention={"duplicate_last_n": 3}) as world:
        world.events(*(event_line(n) for n in range(3)))
        world.events(event_line(3, event_time=NOON_MS - DAY_MS))
        # By arrival: 1, 2 and 3 are known, 0 is not any more.
        world.events(event_line(1), event_line(2), event_line(3), event_line(0))
        assert world.progress() == {"records_in": 8, "duplicates": 3, "applied": 5}


def test_more_ids_in_a_batch_than_are_kept_leave_the_last_ones(job_dsn):
    with InterestWorld(job_dsn, retention={"duplicate_last_n": 3}) as world:
        world.events(*(event_line(n) for n in range(9)), event_line(0))
        world.events(event_line(6), event_line(7), event_line(8))
        assert world.progress() == {"records_in": 13, "duplicates": 4, "applied": 9}


def test_a_user_of_whom_everything_waits_has_an_entry_of_ids_alone(world):
    world.events(event_line(1, item_id="new"))
    assert world.flink.entries("users-v2") == 1
    world.restart(interest={**PROMPT, "last_n": 8})
    world.events(event_line(1, item_id="new"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 2, "duplicates": 1, "applied": 1}
    assert world.windows()["day"] == list(UP)


def test_every_element_gives_one_batch_with_the_counters_before_and_after_it(world):
    world.events()
    world.events(event_line(1), b"{")
    world.events(event_line(1))
    world.control(command_line("ada", "opt_out"))
    world.spoken((search_line(2, "hats"), UP))
    told = [(batch.before, batch.batch.progress["events"]) for batch in world.batches]
    assert len(told) == 5
    assert [before for before, _ in told[1:]] == [after for _, after in told[:-1]]
    assert [after.records_in for _, after in told] == [0, 2, 3, 3, 4]
    # What leaves for the writer carries no states.
    assert all(not batch.batch.folded.entries for batch in world.batches if batch.batch.folded)


def test_a_timer_with_nothing_to_say_gives_no_batch(world):
    world.events(event_line(1, item_id="new"))
    world.batches.clear()
    assert world.flink.advance(4 * WAITING_CHECK_MS) == 4
    assert world.batches == []
