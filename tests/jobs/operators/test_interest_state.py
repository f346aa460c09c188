"""The state of the interest step over lost entries, restores and forgotten users."""

from collections.abc import Iterator

import pytest

from jobs.operators.interest_step import WAITING_CHECK_MS
from tests.builders import (
    DAY_MS,
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

AT_ONCE = {"slow_delay_s": 0}


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


@pytest.fixture
def uncached(job_dsn: str) -> Iterator[InterestWorld]:
    """A world without an entry cache, so that every user is read from the state."""
    with InterestWorld(job_dsn, batching={"cache_mb": 0}) as made:
        yield made


def at(number: int, **fields: object) -> bytes:
    """The event `number` minutes after noon."""
    return event_line(number, event_time=NOON_MS + number * MINUTE_MS, **fields)


def weights(world: InterestWorld) -> dict[str, float]:
    return dict(world.rows("SELECT kind, weight FROM interestream.user_windows"))


@pytest.mark.parametrize("user_ttl_s", [60, 34_560_000])
def test_the_state_of_users_has_the_configured_ttl(job_dsn, user_ttl_s):
    with InterestWorld(job_dsn, retention={"user_ttl_s": user_ttl_s}) as world:
        week_ms = 7 * DAY_MS
        assert world.flink.ttl_ms == {
            "users-v2": user_ttl_s * 1000,
            "recommended-v1": user_ttl_s * 1000,
            "id-pages-v1": week_ms,
            "paged-users-v1": week_ms,
        }


def test_a_user_without_state_begins_again_with_a_higher_version(uncached):
    uncached.events(*(event_line(n) for n in range(5)))
    before = uncached.versions()["ada"]
    uncached.flink.lose("users-v2", "ada")
    uncached.flink.advance(HOUR_MS)
    uncached.events(event_line(9, item_id="north", event_time=NOON_MS + 1))
    assert uncached.event_count() == 1
    assert uncached.windows()["day"] == list(NORTH)
    assert uncached.versions()["ada"] > before


def test_a_user_may_begin_again_a_millisecond_later(uncached):
    versions = []
    for number in range(3):
        uncached.flink.lose("users-v2", "ada")
        uncached.flink.advance(1)
        uncached.events(event_line(number))
        assert uncached.event_count() == 1
        versions.append(uncached.versions()["ada"])
    assert [later - versions[0] for later in versions] == [0, 1_000, 2_000]


def test_versions_of_users_without_state_grow_over_a_restore(world):
    checkpoint = world.flink.snapshot()
    world.events(*(event_line(n) for n in range(5)))
    before = world.versions()["ada"]
    world.flink.advance(1_000)
    world.flink.restore(checkpoint)
    world.events(event_line(0))
    assert (world.event_count(), world.versions()["ada"] > before) == (1, True)


def test_no_id_of_a_forgotten_user_is_left_anywhere_in_the_state(job_dsn):
    with InterestWorld(job_dsn, interest={"slow_delay_s": 5}) as world:
        names = ("ada lovelace", "bob")
        for index, name in enumerate(names):
            world.events(*(event_line(100 * index + n, user_id=name) for n in range(20)))
        world.flink.advance(6_000)
        for index, name in enumerate(names):
            # The user has deferred rows, a waiting event, and a text of their own.
            world.events(
                event_line(900 + index, user_id=name, action="view"),
                event_line(950 + index, user_id=name, item_id="new"),
            )
            world.text_events((search_line(970 + index, f"hats of {name}", user_id=name), INWARD))
        assert world.flink.holding(names[0]) == {"users-v2", "unwritten-v1", "waiting-v2"}
        world.control(command_line(names[0], "forget"))
        assert world.flink.holding(names[0]) == set()
        assert world.flink.holding("bob") == {"users-v2", "unwritten-v1", "waiting-v2"}
        world.events(event_line(999, user_id=names[0]))
        assert world.flink.holding(names[0]) == set()
        assert world.rows("SELECT count(*) FROM interestream.users") == [(1,)]


def test_a_user_stays_forgotten_over_a_change_of_configuration(world):
    world.events(event_line(1))
    world.control(command_line("ada", "forget"))
    world.restart(interest={**AT_ONCE, "last_n": 8})
    world.events(event_line(2), event_line(3, user_id="bob"))
    assert (world.event_count(), world.event_count("bob")) == (None, 1)
    assert world.progress() == {"records_in": 3, "applied": 2, "excluded": 1}


def test_opt_in_after_a_restore_writes_what_the_state_holds(world):
    world.events(event_line(1), event_line(2, action="dislike", item_id="up"))
    before, interests = world.windows(), "SELECT events, interest_items FROM interestream.users"
    found = world.rows(interests)
    world.control(command_line("ada", "opt_out"))
    world.restart()
    world.control(command_line("ada", "opt_in"))
    assert (world.windows(), world.rows(interests)) == (before, found)


def test_opt_in_without_state_writes_no_rows(uncached):
    uncached.events(event_line(1))
    uncached.control(command_line("ada", "opt_out"))
    uncached.flink.lose("users-v2", "ada")
    uncached.control(command_line("ada", "opt_in"))
    assert (uncached.event_count(), uncached.windows()) == (None, {})
    uncached.flink.advance(1)
    uncached.events(event_line(2, item_id="north"))
    assert uncached.windows()["day"] == list(NORTH)


def test_an_event_counts_once_however_many_a_user_has(job_dsn):
    with InterestWorld(job_dsn, retention={"duplicate_last_n": 3}) as world:
        lines = [event_line(n, event_time=NOON_MS + n * 4_000) for n in range(20)]
        world.events(*lines[:7])
        world.events(*lines[5:])
        assert world.progress() == {"records_in": 22, "duplicates": 2, "applied": 20}
        world.restart()
        world.events(*lines)
        world.events(event_line(99), *reversed(lines))
        assert world.progress() == {"records_in": 63, "duplicates": 42, "applied": 21}
        assert world.event_count() == 21


def test_a_user_with_many_events_has_a_record_of_one_size_and_twelve_bytes_an_id(job_dsn):
    page_ms, pickled = 10_000, 64
    with InterestWorld(job_dsn, retention={"duplicate_last_n": 16}) as world:

        def feed(first: int, count: int) -> None:
            times = [NOON_MS + number * page_ms // 100 for number in range(first, first + count)]
            world.events(*(event_line(first + n, event_time=at) for n, at in enumerate(times)))

        feed(0, 200)
        (before,) = world.flink.sizes("users-v2")
        for first in range(200, 2_000, 300):
            feed(first, 300)
        (after,) = world.flink.sizes("users-v2")
        pages = world.flink.sizes("id-pages-v1")
        assert after == before
        assert len(pages) == 20
        assert (2_000 - 16) * 12 <= sum(pages) <= (2_000 - 16) * 12 + len(pages) * pickled


def test_an_id_is_recognised_for_its_time_and_no_longer(job_dsn):
    retention = {"duplicate_last_n": 1, "duplicate_ttl_s": 600}
    with InterestWorld(job_dsn, retention=retention) as world:
        lines = [event_line(n) for n in range(4)]
        world.events(*lines)
        world.flink.advance(9 * MINUTE_MS)
        world.events(*lines, event_line(5))
        world.flink.advance(2 * MINUTE_MS)
        world.events(*lines, event_line(5))
        assert world.progress() == {"records_in": 14, "duplicates": 5, "applied": 9}


def test_users_beside_one_with_many_events_are_not_touched(job_dsn):
    with InterestWorld(job_dsn, retention={"duplicate_last_n": 2}) as world:
        crawler = [event_line(n) for n in range(9)]
        bob = [event_line(n, user_id="bob") for n in range(2)]
        world.events(*crawler, *bob)
        world.events(*bob, *crawler)
        assert world.progress() == {"records_in": 22, "duplicates": 11, "applied": 11}
        assert world.flink.holding("bob") == {"users-v2"}


def test_nothing_of_a_forgotten_user_stays_in_the_pages(job_dsn):
    with InterestWorld(job_dsn, retention={"duplicate_last_n": 2}) as world:
        world.events(*(event_line(n, event_time=NOON_MS + n * MINUTE_MS) for n in range(9)))
        world.events(*(event_line(n, user_id="bob") for n in range(9)))
        world.restart()
        world.control(command_line("ada", "forget"))
        assert world.flink.holding("ada") == set()
        world.events(*(event_line(n, user_id="bob") for n in range(9)))
        assert world.progress()["duplicates"] == 9


def test_a_user_with_waiting_events_alone_has_an_entry_of_ids(world):
    world.events(event_line(1, item_id="new"))
    assert world.flink.entries("users-v2") == 1
    world.restart(interest={**AT_ONCE, "last_n": 8})
    world.events(event_line(1, item_id="new"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 2, "duplicates": 1, "applied": 1}
    assert world.windows()["day"] == list(UP)


def test_every_element_gives_one_batch_with_the_counters_around_it(world):
    world.events()
    world.events(event_line(1), b"{")
    world.events(event_line(1))
    world.control(command_line("ada", "opt_out"))
    world.text_events((search_line(2, "hats"), UP))
    found = [(batch.before, batch.batch.progress["events"]) for batch in world.batches]
    assert len(found) == 5
    assert [before for before, _ in found[1:]] == [after for _, after in found[:-1]]
    assert [after.records_in for _, after in found] == [0, 2, 3, 3, 4]
    # Batches carry no states to the writer.
    assert all(not batch.batch.folded.entries for batch in world.batches if batch.batch.folded)


def test_a_timer_without_rows_to_write_gives_no_batch(world):
    world.events(event_line(1, item_id="new"))
    world.batches.clear()
    assert world.flink.advance(4 * WAITING_CHECK_MS) == 4
    assert world.batches == []
