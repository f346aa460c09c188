"""Restores: the same tables, however the input is cut and ordered afterwards."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.operators.interest_step import WAITING_CHECK_MS
from tests.builders import (
    DAY_MS,
    INWARD,
    ITEMS,
    MINUTE_MS,
    NOON_MS,
    UP,
    command_line,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, assert_same_tables, vectors_row

USERS = ("ada", "bob", "cleo")
ACTIONS = ("like", "unlike", "view", "dislike", "undislike", "rating", "impression", "purchase")


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def history(seed: int, count: int = 60) -> list[bytes]:
    """Events of three users: late, repeated, broken, and of an item that arrives later."""
    chance = random.Random(seed)
    lines: list[bytes] = []
    for number in range(count):
        draw = chance.random()
        if draw < 0.1 and lines:
            lines.append(chance.choice(lines))
        elif draw < 0.2:
            lines.append(b'{"broken": %d' % number)
        else:
            lines.append(
                event_line(
                    number,
                    user_id=chance.choice(USERS),
                    action=chance.choice(ACTIONS),
                    item_id=chance.choice([*ITEMS, "new"]),
                    event_time=NOON_MS - chance.choice([0, 1, 40 * MINUTE_MS, 3 * DAY_MS]) - number,
                    value=chance.choice([None, 0, 3, 5]),
                )
            )
    return lines


def feed(world: InterestWorld, lines: list[bytes], sizes: list[int]) -> None:
    """Send the lines in batches of the given sizes, repeated as needed."""
    start, number = 0, 0
    while start < len(lines):
        size = sizes[number % len(sizes)]
        world.events(*lines[start : start + size])
        world.flink.advance(100)
        start, number = start + size, number + 1


def without_numbers(tables: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """The tables without the numbers of dead letters, which depend on the order of lines."""
    dead_letters = sorted(row[:3] + row[4:] for row in tables["dead_letters"])
    return {**tables, "dead_letters": dead_letters}


@pytest.mark.parametrize("seed", range(4))
def test_the_same_input_after_a_restore_gives_the_same_tables(world, seed):
    lines = history(seed)
    feed(world, lines[:25], [7])
    checkpoint = world.flink.snapshot()
    feed(world, lines[25:], [9])
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    expected = world.tables()
    assert world.progress()["dead_letters"] == len([raw for raw in lines if b"broken" in raw])
    assert "waiting" not in world.progress()

    world.flink.restore(checkpoint)
    feed(world, lines[25:], [9])
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert_same_tables(world.tables(), expected)


@pytest.mark.parametrize("seed", range(6))
def test_other_batches_in_another_order_after_a_restore_give_the_same_tables(world, seed):
    lines = history(seed)
    feed(world, lines[:25], [7])
    checkpoint = world.flink.snapshot()
    feed(world, lines[25:], [9])
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    expected = world.tables()

    world.flink.restore(checkpoint)
    again = lines[25:]
    random.Random(seed).shuffle(again)
    if seed % 2:
        world.flink.broadcast(vectors_row({"new": UP}))
    feed(world, again, [1, 13, 4])
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert_same_tables(without_numbers(world.tables()), without_numbers(expected))


def test_rows_never_go_back_while_the_input_is_read_again(world):
    world.events(event_line(1))
    checkpoint = world.flink.snapshot()
    world.events(event_line(2, item_id="north"), event_line(3, item_id="up"))
    before = world.rows("SELECT events, interest_items FROM interestream.users")
    windows = world.windows()
    world.flink.restore(checkpoint)
    world.events(event_line(2, item_id="north"))
    assert world.rows("SELECT events, interest_items FROM interestream.users") == before
    assert world.windows() == windows


def test_the_counters_after_a_restore_are_those_of_the_state(world):
    world.events(event_line(1), b"{")
    checkpoint = world.flink.snapshot()
    world.events(event_line(2), b"[")
    world.flink.restore(checkpoint)
    world.events(event_line(2), b"[", event_line(2))
    assert world.progress() == {
        "records_in": 5,
        "duplicates": 1,
        "dead_letters": 2,
        "applied": 2,
    }
    assert world.reasons() == [("not_json", None), ("not_json", None)]


def test_a_forgotten_user_stays_forgotten_when_the_command_is_read_again(world):
    world.events(event_line(1), event_line(2, user_id="bob"))
    checkpoint = world.flink.snapshot()
    world.events(event_line(3), event_line(4, item_id="new"))
    world.control(command_line("ada", "forget"))
    expected = world.tables()
    world.flink.restore(checkpoint)
    world.events(event_line(3), event_line(4, item_id="new"))
    assert world.event_count() == 2
    world.control(command_line("ada", "forget"))
    assert_same_tables(world.tables(), expected)


def test_the_vector_of_a_query_survives_a_restore(world):
    world.text_events((search_line(1, "red shoes"), INWARD))
    checkpoint = world.flink.snapshot()
    world.events(event_line(2, item_id="up", event_time=NOON_MS + 1))
    expected = world.windows()
    world.flink.restore(checkpoint)
    world.events(event_line(2, item_id="up", event_time=NOON_MS + 1))
    assert world.windows() == expected
    assert expected["session"] == pytest.approx([0, 0, 3 / 13**0.5, 2 / 13**0.5], abs=1e-3)


def test_the_epoch_of_the_state_outlives_the_start_of_another_job(world):
    world.events(event_line(1))
    world.restart(epoch=999)
    world.events(event_line(2))
    assert world.rows("SELECT epoch, events FROM interestream.users") == [(100, 2)]
    world.events(event_line(3, user_id="bob"), bucket=1)
    assert world.rows("SELECT epoch FROM interestream.users WHERE user_id = 'bob'") == [(999,)]


def test_an_undone_event_stays_undone_when_it_is_read_again(world):
    world.events(event_line(1))
    checkpoint = world.flink.snapshot()
    world.events(event_line(2, action="unlike", event_time=NOON_MS + 1))
    world.events(event_line(3, item_id="north", event_time=NOON_MS + 2))
    expected = world.tables()
    world.flink.restore(checkpoint)
    world.events(
        event_line(3, item_id="north", event_time=NOON_MS + 2),
        event_line(2, action="unlike", event_time=NOON_MS + 1),
    )
    assert_same_tables(world.tables(), expected)


def test_a_deleted_row_is_deleted_again_when_the_input_is_read_again(world):
    checkpoint = world.flink.snapshot()
    world.events(event_line(1))
    world.events(event_line(2, action="unlike", event_time=NOON_MS + 1))
    assert world.windows() == {}
    world.flink.restore(checkpoint)
    world.events(event_line(1))
    world.events(event_line(2, action="unlike", event_time=NOON_MS + 1))
    assert (world.windows(), world.event_count()) == ({}, 2)


def test_versions_never_decrease_when_the_input_is_read_again(world):
    lines = history(7)
    world.flink.broadcast(vectors_row({"new": UP}))
    feed(world, lines[:10], [5])
    checkpoint = world.flink.snapshot()
    feed(world, lines[10:], [9])
    before = world.versions()
    world.flink.restore(checkpoint)
    feed(world, lines[10:], [4, 11])
    after = world.versions()
    assert before.keys() == after.keys()
    assert all(after[user] >= version for user, version in before.items())
