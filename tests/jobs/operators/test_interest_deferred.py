"""Deferred writes of the interest step: in time, once, and with the same rows in the end."""

import random
from collections.abc import Iterator

import psycopg
import pytest

from jobs.operators import interest_step as interest_module
from jobs.operators.interest_step import WAITING_CHECK_MS
from tests.builders import (
    EAST,
    ITEMS,
    MINUTE_MS,
    NOON_MS,
    UP,
    command_line,
    event_line,
)
from tests.jobs.operators.builders import InterestWorld, assert_same_tables, vectors_row

DELAY_MS = 5_000
STEP_MS = DELAY_MS // 10
DEFERRING = {"slow_delay_s": DELAY_MS / 1000, "slow_share": 0.2}


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn, interest=DEFERRING) as made:
        yield made


def add_settled_user(world: InterestWorld, user_id: str = "ada", first: int = 0) -> None:
    """Add a user with so many likes of east that another view hardly moves a window."""
    world.events(*(event_line(first + n, user_id=user_id) for n in range(20)))
    world.flink.advance(DELAY_MS + STEP_MS)


def view(number: int, **fields: object) -> bytes:
    return event_line(number, **{"action": "view", "item_id": "north", **fields})


def moved(world: InterestWorld, user_id: str = "ada") -> set[str]:
    """The user's half-life windows whose row no longer points east."""
    found = world.windows(user_id)
    return {kind for kind in ("day", "month", "topics") if found[kind] != list(EAST)}


def test_a_first_event_is_written_at_once(world):
    world.events(event_line(1))
    assert set(world.windows()) == {"recent", "session", "day", "month", "topics"}
    assert (world.event_count(), world.unwritten()) == (1, 0)


def test_a_small_change_is_written_after_the_delay_without_a_further_event(world):
    add_settled_user(world)
    world.events(view(100))
    assert world.windows()["recent"] != list(EAST)
    assert (moved(world), world.event_count(), world.unwritten()) == (set(), 20, 1)
    world.flink.advance(DELAY_MS - 1)
    assert (moved(world), world.event_count(), world.unwritten()) == (set(), 20, 1)
    world.flink.advance(STEP_MS + 1)
    assert (moved(world), world.event_count()) == ({"day", "month", "topics"}, 21)
    assert (world.unwritten(), world.flink.timers) == (0, 0)
    assert world.progress() == {"records_in": 21, "applied": 21}


def test_a_large_change_is_written_at_once(world):
    add_settled_user(world)
    world.events(*(view(100 + n) for n in range(30)))
    assert (moved(world), world.event_count()) == ({"day", "month", "topics"}, 50)


def test_further_changes_do_not_postpone_the_write(world):
    add_settled_user(world)
    for number in range(11):
        world.events(view(100 + number, action="impression"))
        world.events(view(200 + number, action="dwell", value=0.01))
        world.flink.advance(STEP_MS)
        if number < 9:
            assert moved(world) == set()
    assert moved(world) == {"day", "month", "topics"}


def test_each_user_has_a_due_time_of_their_own(world):
    add_settled_user(world, "ada")
    add_settled_user(world, "bob", first=50)
    world.events(view(100))
    world.flink.advance(3_000)
    world.events(view(101, user_id="bob"))
    assert world.unwritten() == 2
    world.flink.advance(2_000 + STEP_MS)
    assert (moved(world), moved(world, "bob"), world.unwritten()) == (
        {"day", "month", "topics"},
        set(),
        1,
    )
    world.flink.advance(3_000)
    assert (moved(world, "bob"), world.unwritten()) == ({"day", "month", "topics"}, 0)


def test_each_bucket_has_deferred_writes_of_its_own(world):
    add_settled_user(world)
    world.events(*(event_line(50 + n, user_id="bob") for n in range(20)), bucket=1)
    world.events(view(100))
    world.events(view(101, user_id="bob"), bucket=1)
    assert world.unwritten() == 2
    world.flink.advance(DELAY_MS + STEP_MS)
    assert (moved(world), moved(world, "bob")) == ({"day", "month", "topics"},) * 2
    assert world.unwritten() == 0


def test_deferred_rows_are_written_in_time_over_a_restore(world):
    add_settled_user(world)
    world.events(view(100))
    world.flink.advance(DELAY_MS // 2)
    world.restart()
    assert moved(world) == set()
    world.flink.advance(DELAY_MS // 2 + STEP_MS)
    assert (moved(world), world.unwritten(), world.flink.timers) == (
        {"day", "month", "topics"},
        0,
        0,
    )


def test_rows_that_fell_due_during_a_stop_are_written_at_the_start(world):
    add_settled_user(world)
    world.events(view(100))
    before = world.flink.snapshot()
    world.flink.now_ms += MINUTE_MS
    world.restart(before)
    assert world.flink.advance(0) == 1
    assert (moved(world), world.unwritten()) == ({"day", "month", "topics"}, 0)


def test_deferred_rows_are_written_after_the_delay_was_switched_off(world):
    add_settled_user(world)
    world.events(view(100))
    world.restart(interest={**DEFERRING, "slow_delay_s": 0})
    world.events(view(101, user_id="bob"))
    world.flink.advance(DELAY_MS + STEP_MS)
    assert (moved(world), world.unwritten()) == ({"day", "month", "topics"}, 0)


def test_waiting_events_and_deferred_rows_share_one_timer(world):
    add_settled_user(world)
    world.events(view(100), event_line(101, item_id="new"))
    world.flink.advance(WAITING_CHECK_MS)
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 22, "applied": 22}
    assert world.unwritten() == 1
    world.flink.advance(DELAY_MS)
    assert (moved(world), world.unwritten(), world.flink.timers) == (
        {"day", "month", "topics"},
        0,
        0,
    )


def test_no_more_users_than_allowed_are_written_in_one_transaction(world, monkeypatch):
    monkeypatch.setattr(interest_module, "MAX_REWRITTEN_USERS", 3)
    names = [f"u{n}" for n in range(8)]
    for index, name in enumerate(names):
        world.events(*(event_line(1000 * index + n, user_id=name) for n in range(20)))
    world.flink.advance(DELAY_MS + STEP_MS)
    world.events(*(view(9000 + index, user_id=name) for index, name in enumerate(names)))
    assert world.unwritten() == 8
    world.batches.clear()
    world.flink.advance(DELAY_MS + 2 * STEP_MS)
    assert [len(batch.batch.users) for batch in world.batches] == [3, 3, 2]
    assert [batch.batch.progress["events"].unwritten for batch in world.batches] == [5, 2, 0]
    assert all(moved(world, name) == {"day", "month", "topics"} for name in names)
    assert world.flink.timers == 0


@pytest.mark.parametrize("command", ["forget", "opt_out"])
def test_excluded_users_are_not_written(world, command):
    add_settled_user(world)
    add_settled_user(world, "bob", first=50)
    world.events(view(100), view(101, user_id="bob"))
    world.control(command_line("ada", command))
    assert world.unwritten() == 1
    world.flink.advance(DELAY_MS + STEP_MS)
    assert (world.event_count(), world.windows(), world.event_count("bob")) == (None, {}, 21)
    assert world.unwritten() == 0


def test_opt_in_writes_all_rows_at_once(world):
    add_settled_user(world)
    world.events(view(100))
    world.control(command_line("ada", "opt_out"))
    world.control(command_line("ada", "opt_in"))
    assert (moved(world), world.event_count(), world.unwritten()) == (
        {"day", "month", "topics"},
        21,
        0,
    )


def test_a_user_without_state_is_not_written(job_dsn):
    # Without a cache every user is read from the state.
    with InterestWorld(job_dsn, interest=DEFERRING, batching={"cache_mb": 0}) as world:
        add_settled_user(world)
        world.events(view(100))
        world.flink.lose("users-v2", "ada")
        world.flink.advance(DELAY_MS + STEP_MS)
        assert (moved(world), world.event_count(), world.unwritten()) == (set(), 20, 0)


def test_the_state_of_deferred_writes_stays_small(world):
    add_settled_user(world)
    for number in range(60):
        world.events(view(100 + number, action="dwell", value=0.01))
        world.flink.advance(333)
        assert world.flink.entries("unwritten-v1") <= 12
        assert world.flink.timers <= 2
    world.flink.advance(DELAY_MS + STEP_MS)
    assert (world.flink.entries("unwritten-v1"), world.flink.timers) == (0, 0)


def test_a_window_that_is_emptied_by_an_undo_is_deleted_at_once(world):
    add_settled_user(world)
    world.events(event_line(100, action="dislike", item_id="up"))
    world.events(event_line(101, action="undislike", item_id="up", event_time=NOON_MS + 1))
    assert "dislikes" not in world.windows()


def test_a_deferred_row_is_written_after_other_rows_of_its_user(world):
    add_settled_user(world)
    world.events(view(100))
    world.events(event_line(101, action="dislike", item_id="up"))
    assert world.windows()["dislikes"] == list(UP)
    assert moved(world) == set()
    world.flink.advance(DELAY_MS + STEP_MS)
    share = world.windows()["day"][1] / world.windows()["day"][0]
    assert share == pytest.approx(1 / 60, rel=0.02)  # one view north, twenty likes east


ACTIONS = ("like", "unlike", "view", "dislike", "undislike", "dwell", "impression", "purchase")
USERS = ("ada", "bob", "cleo", "dora")


def history(chance: random.Random, count: int) -> list[list[bytes]]:
    """Batches of events: undone, repeated, late, and of an item that arrives later."""
    lines: list[bytes] = []
    for number in range(count):
        if lines and chance.random() < 0.05:
            lines.append(chance.choice(lines))
            continue
        lines.append(
            event_line(
                number,
                user_id=chance.choice(USERS),
                action=chance.choice(ACTIONS),
                item_id=chance.choice([*ITEMS, "new"]),
                event_time=NOON_MS + number * 1000 - chance.choice([0, 0, 40 * MINUTE_MS]),
                value=chance.choice([None, 1, 90]),
            )
        )
    batches = []
    while lines:
        size = chance.randrange(1, 9)
        batches.append(lines[:size])
        lines = lines[size:]
    return batches


@pytest.mark.parametrize("seed", range(5))
def test_in_the_end_the_tables_are_those_without_deferring(job_dsn, seed):
    chance = random.Random(seed)
    batches = history(chance, 120)
    with InterestWorld(job_dsn) as undeferred:
        undeferred.flink.broadcast(vectors_row({"new": UP}))
        for batch in batches:
            undeferred.events(*batch)
        expected = undeferred.tables()
    with InterestWorld(job_dsn, space_id=undeferred.space_id, interest=DEFERRING) as deferring:
        with psycopg.connect(job_dsn, autocommit=True) as db:
            for table in expected:
                db.execute(f"TRUNCATE interestream.{table}")
        unwritten = 0
        checkpoint, since = deferring.flink.snapshot(), 0
        for number, batch in enumerate(batches):
            deferring.events(*batch)
            deferring.flink.advance(chance.choice([0, 100, 700, 6000]))
            unwritten += deferring.unwritten()
            if number == len(batches) // 3:
                deferring.flink.broadcast(vectors_row({"new": UP}))
                checkpoint, since = deferring.flink.snapshot(), number + 1
        assert unwritten > 0
        if seed % 2:
            deferring.restart(checkpoint)
            for batch in batches[since:]:
                deferring.events(*batch)
        deferring.flink.advance(DELAY_MS + STEP_MS)
        assert deferring.unwritten() == 0
        assert deferring.flink.timers == 0
        assert_same_tables(deferring.tables(), expected)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_is_put_back_delays_no_row_longer_than_the_delay(world, restarted):
    add_settled_user(world)
    world.events(view(100))
    assert (moved(world), world.unwritten()) == (set(), 1)
    world.flink.now_ms -= 60 * MINUTE_MS
    if restarted:
        world.restart()
    # The bucket hears of anything at all.
    world.events(event_line(101, user_id="bob"))
    world.flink.advance(DELAY_MS + STEP_MS)
    assert (moved(world), world.unwritten()) == ({"day", "month", "topics"}, 0)
