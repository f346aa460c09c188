"""A restart in the middle: the same tables, however the input is cut and ordered afterwards."""

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
    """Events of three users: late ones, repeated ones, broken ones, ones of an item to come."""
    chance = random.Random(seed)
    lines: list[bytes] = []
    for number in range(count):
        fate = chance.random()
        if fate < 0.1 and lines:
            lines.append(chance.choice(lines))
        elif fate < 0.2:
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
    """The lines in batches of the sizes, over and over."""
    at, turn = 0, 0
    while at < len(lines):
        size = sizes[turn % len(sizes)]
        world.events(*lines[at : at + size])
        world.flink.advance(100)
        at, turn = at + size, turn + 1


def without_numbers(tables: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Dead letters without the number that each got; another order numbers them otherwise."""
    letters = sorted(row[:3] + row[4:] for row in tables["dead_letters"])
    return {**tables, "dead_letters": letters}


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


def test_while_the_input_is_read_again_no_user_falls_back(world):
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
    assert world.counted() == 2
    world.control(command_line("ada", "forget"))
    assert_same_tables(world.tables(), expected)


def test_the_words_of_a_search_survive_a_restore(world):
    world.spoken((search_line(1, "red shoes"), INWARD))
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


def test_what_was_undone_stays_undone_when_it_is_read_again(world):
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


def test_a_row_that_went_away_does_not_come_back_for_good_when_it_is_read_again(world):
    checkpoint = world.flink.snapshot()
    world.events(event_line(1))
    world.events(event_line(2, action="unlike", event_time=NOON_MS + 1))
    assert world.windows() == {}
    world.flink.restore(checkpoint)
    world.events(event_line(1))
    world.events(event_line(2, action="unlike", event_time=NOON_MS + 1))
    assert (world.windows(), world.counted()) == ({}, 2)


def test_versions_never_fall_when_the_input_is_read_again(world):
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
