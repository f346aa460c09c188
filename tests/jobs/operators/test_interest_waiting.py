"""Waiting events in the interest step, from the raw line to the tables."""

from collections.abc import Iterator

import pytest

from jobs.core.trends.counts import unpack
from jobs.operators.interest_step import WAITING_CHECK_MS
from jobs.operators.item_vectors import sign_of_life
from jobs.operators.start_hold import ALIVE_MS, READ_AT_MOST_MS
from tests.builders import (
    EAST,
    INWARD,
    UP,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, announced_row, vectors_row


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def test_a_query_with_an_unknown_item_does_not_wait(world):
    world.text_events((search_line(1, "red shoes", item_id="unheard"), INWARD))
    assert world.windows()["recent"] == list(INWARD)
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_an_event_of_an_unknown_item_waits_until_its_vector_arrives(world):
    world.events(event_line(1, item_id="new"), event_line(2))
    assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}
    assert (world.flink.entries("waiting-v2"), world.flink.timers) == (1, 1)
    assert world.flink.advance(3 * WAITING_CHECK_MS) == 3
    assert world.event_count() == 1

    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.event_count() == 2
    assert world.progress() == {"records_in": 2, "applied": 2}
    assert world.rows("SELECT item_id FROM interestream.user_items ORDER BY 1") == [
        ("east",),
        ("new",),
    ]
    assert (world.flink.entries("waiting-v2"), world.flink.timers) == (0, 0)


def test_a_user_whose_events_all_wait_has_no_row_yet(world):
    world.events(event_line(1, item_id="new"))
    assert world.event_count() is None
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert (world.event_count(), world.windows()["day"]) == (1, list(UP))


def test_a_repeated_waiting_event_is_a_duplicate(world):
    world.events(event_line(1, item_id="new"))
    world.events(event_line(1, item_id="new"))
    assert world.progress() == {"records_in": 2, "duplicates": 1, "waiting": 1}


def test_several_events_may_wait_for_one_item(world):
    world.events(event_line(1, item_id="new"), event_line(2, item_id="new", user_id="bob"))
    world.flink.advance(WAITING_CHECK_MS)
    world.events(event_line(3, item_id="new"), event_line(4, item_id="other"))
    assert world.flink.timers == 1
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert (world.event_count("ada"), world.event_count("bob")) == (2, 1)
    assert world.progress() == {"records_in": 4, "waiting": 1, "applied": 3}


def test_an_expired_waiting_event_is_a_dead_letter(job_dsn):
    with InterestWorld(job_dsn, retention={"waiting_ttl_s": 10}) as world:
        world.events(event_line(1, item_id="never"))
        world.flink.advance(5_000)
        world.events(event_line(2, item_id="never"))
        world.flink.advance(5_000)
        assert world.progress() == {"records_in": 2, "waiting": 2}
        world.flink.advance(2 * WAITING_CHECK_MS)
        assert world.progress() == {"records_in": 2, "waiting": 1, "dead_letters": 1}
        world.flink.advance(5_000)
        assert world.reasons() == [("unknown_item", "ada"), ("unknown_item", "ada")]
        assert world.rows("SELECT raw FROM interestream.dead_letters ORDER BY seq") == [
            (event_line(1, item_id="never"),),
            (event_line(2, item_id="never"),),
        ]
        assert world.progress() == {"records_in": 2, "dead_letters": 2}
        assert (world.flink.entries("waiting-v2"), world.flink.timers) == (0, 0)


def test_a_waiting_event_expires_after_its_own_ttl(job_dsn):
    with InterestWorld(job_dsn, retention={"waiting_ttl_s": 10}) as world:
        world.events(event_line(1, item_id="new"))
        world.flink.broadcast(vectors_row({"new": UP}))
        world.flink.advance(9_000)
        world.events(event_line(2, item_id="never"))
        world.flink.advance(9_000)
        assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}


def test_an_item_after_a_restore_releases_events_from_before_it(world):
    world.events(event_line(1, item_id="new"), event_line(2, item_id="other"))
    world.flink.advance(WAITING_CHECK_MS)
    world.flink.restore(world.flink.snapshot())
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}


def test_an_item_before_a_restore_releases_events_after_it(world):
    world.events(event_line(1, item_id="new"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.restore(world.flink.snapshot())
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_an_event_is_counted_when_its_item_arrives_and_not_before(world):
    world.events(event_line(1, item_id="late"))
    assert world.trend_rows == []
    world.flink.broadcast(vectors_row({"late": EAST}))
    world.flink.advance(WAITING_CHECK_MS)
    ((_, packed, _),) = world.trend_rows
    assert (unpack(packed).item_id, unpack(packed).count.tolist()) == (["late"], [1])


def test_an_event_of_an_item_whose_new_text_is_announced_waits_and_counts_with_the_new_vector(
    world,
):
    world.events(event_line(1))
    world.flink.broadcast(announced_row(["east"]))
    world.events(event_line(2, user_id="bob"))
    assert world.progress() == {"records_in": 2, "waiting": 1, "applied": 1}
    assert world.event_count("bob") is None
    world.flink.broadcast(vectors_row({"east": UP}, version=2))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.windows("bob")["recent"] == list(UP)
    assert world.progress() == {"records_in": 2, "applied": 2}
    assert (world.flink.entries("waiting-v2"), world.flink.timers) == (0, 0)


def test_events_of_other_items_do_not_wait_for_an_announced_one(world):
    world.flink.broadcast(announced_row(["east"]))
    world.events(event_line(1, item_id="up"))
    world.text_events((search_line(2, "red shoes", item_id="east"), INWARD))
    assert world.progress() == {"records_in": 2, "applied": 2}


def test_an_announcement_outlives_a_restore(world):
    world.flink.broadcast(announced_row(["east"]))
    world.events(event_line(1))
    world.flink.restore(world.flink.snapshot())
    world.events(event_line(2))
    assert world.progress() == {"records_in": 2, "waiting": 2}
    world.flink.broadcast(vectors_row({"east": UP}, version=2))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.windows()["recent"] == list(UP)


def test_an_event_that_waited_too_long_for_a_new_vector_counts_with_the_old_one(job_dsn):
    with InterestWorld(job_dsn, retention={"waiting_ttl_s": 10}) as world:
        world.flink.broadcast(announced_row(["east"]))
        world.events(event_line(1))
        world.flink.advance(10_000 + 2 * WAITING_CHECK_MS)
        assert world.progress() == {"records_in": 1, "applied": 1}
        assert world.windows()["recent"] == list(EAST)


ITEMS_FIRST = {"items_first": True}


def test_after_a_restart_events_wait_until_the_item_step_has_read_what_waits(job_dsn):
    with InterestWorld(job_dsn, sources=ITEMS_FIRST) as world:
        world.flink.broadcast(sign_of_life(0))
        world.flink.broadcast(sign_of_life(3))
        world.restart()
        world.flink.broadcast(sign_of_life(0))
        world.events(event_line(1))
        world.flink.advance(2 * ALIVE_MS)
        assert world.progress() == {"records_in": 1, "waiting": 1}
        world.flink.broadcast(sign_of_life(3))
        world.flink.advance(ALIVE_MS)
        assert world.progress() == {"records_in": 1, "waiting": 1}
        world.flink.advance(2 * WAITING_CHECK_MS)
        assert world.progress() == {"records_in": 1, "applied": 1}
        world.events(event_line(2))
        assert world.progress() == {"records_in": 2, "applied": 2}


def test_events_that_are_read_before_the_new_text_of_their_item_count_with_it(job_dsn):
    with InterestWorld(job_dsn, sources=ITEMS_FIRST) as world:
        world.restart()
        world.events(event_line(1))
        world.flink.broadcast(announced_row(["east"]))
        world.flink.advance(2 * ALIVE_MS)
        assert world.progress() == {"records_in": 1, "waiting": 1}
        world.flink.broadcast(vectors_row({"east": UP}, version=2))
        world.flink.advance(WAITING_CHECK_MS)
        assert world.windows()["recent"] == list(UP)


def test_events_wait_while_items_are_read_but_not_for_ever(job_dsn):
    with InterestWorld(job_dsn, sources=ITEMS_FIRST) as world:
        world.restart()
        world.events(event_line(1))
        for _ in range(READ_AT_MOST_MS // 250 - 1):
            world.flink.broadcast(announced_row([]))
            world.flink.advance(250)
        assert world.progress() == {"records_in": 1, "waiting": 1}
        for _ in range(4):
            world.flink.broadcast(announced_row([]))
            world.flink.advance(250)
        assert world.progress() == {"records_in": 1, "applied": 1}


def test_a_start_without_state_has_nothing_to_wait_for(job_dsn):
    with InterestWorld(job_dsn, sources=ITEMS_FIRST) as world:
        world.events(event_line(1))
        assert world.progress() == {"records_in": 1, "applied": 1}
