"""Crashes around merges: each transfer is taken once, and the rows are those of one user."""

import random
from typing import Any

import pytest

from tests.builders import DAY_MS, ITEMS, MINUTE_MS, NOON_MS, event_line
from tests.jobs.operators.builders import assert_same_tables, vectors_row
from tests.jobs.operators.merge_builders import MergeWorld, merge_line

OLD, NEW = "anon-1", "ada"
USERS = ("anon-1", "anon-2", "ada", "bob")
MERGES = (("anon-1", "anon-2"), ("anon-2", "ada"))
ACTIONS = ("like", "unlike", "view", "dislike", "undislike", "rating", "purchase")


@pytest.mark.parametrize("at", range(5))
def test_a_crash_at_any_step_of_a_merge_loses_and_repeats_nothing(job_dsn: str, at: int) -> None:
    with MergeWorld(job_dsn) as world:
        world.feed(event_line(1, user_id=OLD), event_line(2, user_id=NEW, item_id="north"))
        before = world.flink.snapshot()
        steps = [
            lambda: world.command(merge_line(OLD, NEW)),
            lambda: world.feed(event_line(3, user_id=OLD, item_id="up")),
            lambda: world.settle(1),
            lambda: world.settle(1),
        ]
        for step in steps[:at]:
            step()
        # Everything goes on, and then the job starts again from the checkpoint.
        snapshot = world.flink.snapshot()
        for step in steps[at:]:
            step()
        world.settle()
        world.restart(snapshot)
        world.flink.broadcast(vectors_row(ITEMS))
        for step in steps[at:]:
            step()
        world.settle()
        _assert_merged(world)
        # The job can start again from before the merge, too, and read all of it once more.
        world.restart(before)
        world.flink.broadcast(vectors_row(ITEMS))
        for step in steps:
            step()
        world.settle()
        _assert_merged(world)


def _assert_merged(world: MergeWorld) -> None:
    assert world.event_count(NEW) == 3
    assert world.rows_of(OLD) == 0
    assert world.total() == {"records_in": 3, "applied": 3}
    assert world.total("control") == {"records_in": 1, "applied": 1}
    assert [row[0] for row in world.user_items(NEW)] == ["east", "north", "up"]
    assert world.unwritten() == 0


@pytest.mark.parametrize("seed", range(8))
def test_the_rows_are_those_of_one_user_with_all_events(job_dsn: str, dsn: str, seed: int) -> None:
    """Events, merges and restarts at random places, against a job in which every event has carried
    the last id from the start."""
    chance = random.Random(seed)
    records = [_record(chance, number) for number in range(50)]
    steps: list[Any] = [(record,) for record in records]
    for merge in MERGES:
        steps.insert(chance.randrange(len(steps)), merge)
    with MergeWorld(job_dsn) as world:
        _run(world, steps, chance)
        found = _tables(world)
    canonical = dict.fromkeys(("anon-1", "anon-2"), "ada")
    with MergeWorld(dsn) as plain:
        for record in records:
            user_id = record["user_id"]
            plain.feed(
                event_line(
                    **{
                        **record,
                        "user_id": canonical.get(user_id, user_id),
                        "number": f"{user_id} {record['number']}",
                    }
                )
            )
        plain.flink.broadcast(vectors_row({"new": (0.0, 0.6, 0.0, 0.8)}))
        plain.settle()
        expected = _tables(plain)
    assert_same_tables(found, expected)


def _record(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "user_id": chance.choice(USERS),
        "action": chance.choice(ACTIONS),
        "item_id": chance.choice([*ITEMS, "new"]),
        # No two events at one time: the key, which has the old id in it, never decides.
        "event_time": NOON_MS - chance.choice([0, 1, 40 * MINUTE_MS, 3 * DAY_MS]) - 7 * number,
        "value": chance.choice([None, 0, 3, 5]),
    }


def _run(world: MergeWorld, steps: list[Any], chance: random.Random) -> None:
    """Carry out the steps, with a crash on the way; the new item arrives near the end."""
    snapshot, since = world.flink.snapshot(), 0
    crash = chance.randrange(len(steps))
    number = 0
    while number < len(steps):
        if chance.random() < 0.1:
            snapshot, since = world.flink.snapshot(), number
        if number == crash:
            world.restart(snapshot)
            number, crash = since, -1
        _step(world, steps[number])
        if chance.random() < 0.5:
            world.settle(1)
        number += 1
    world.flink.broadcast(vectors_row({"new": (0.0, 0.6, 0.0, 0.8)}))
    world.settle(12)


def _step(world: MergeWorld, step: Any) -> None:
    if len(step) == 2:
        world.command(merge_line(*step))
    else:
        world.feed(event_line(**step[0]))


def _tables(world: MergeWorld) -> dict[str, list[tuple[Any, ...]]]:
    """The rows without ids of spaces and keys; the counters are summed."""
    tables = world.tables()
    return {
        "users": [row[1:7] for row in tables["users"]],
        "user_windows": [(0, *row[1:]) for row in tables["user_windows"]],
        "user_items": [row[:7] for row in tables["user_items"]],
        "total": [tuple(world.total().items())],
    }
