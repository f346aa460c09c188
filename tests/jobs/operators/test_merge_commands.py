"""Forgetting and opting out, before and after a merge, by the old and by the new id."""

from collections.abc import Iterator

import pytest

from tests.builders import EAST, INWARD, command_line, event_line
from tests.jobs.operators.builders import vectors_row
from tests.jobs.operators.merge_builders import MergeWorld, merge_line

OLD, NEW = "anon-1", "ada"


@pytest.fixture
def world(job_dsn: str) -> Iterator[MergeWorld]:
    with MergeWorld(job_dsn) as made:
        yield made


def command(world: MergeWorld, user_id: str, name: str) -> None:
    world.command(command_line(user_id, name))
    world.settle()


def merged(world: MergeWorld) -> None:
    """Two events of each user, one of them broken; then the merge."""
    for user in (OLD, NEW):
        world.feed(event_line(1, user_id=user), event_line(2, user_id=user, event_time="soon"))
    world.merge(OLD, NEW)


@pytest.mark.parametrize("user", [OLD, NEW])
def test_forgetting_either_forgets_both_and_all_that_comes_later(
    world: MergeWorld, user: str
) -> None:
    merged(world)
    command(world, user, "forget")
    world.feed(event_line(3, user_id=OLD), event_line(3, user_id=NEW))
    world.feed(event_line(4, user_id=OLD, event_time="soon"))
    world.settle()
    assert (world.rows_of(OLD), world.rows_of(NEW)) == (0, 0)
    assert world.total() == {"records_in": 7, "applied": 2, "dead_letters": 3, "excluded": 2}
    assert world.flink.holding(OLD) | world.flink.holding(NEW) == set()


def test_forgetting_forgets_a_whole_chain(world: MergeWorld) -> None:
    world.feed(*(event_line(1, user_id=user) for user in ("a", "b", "c")))
    world.merge("a", "b")
    world.merge("b", "c")
    world.merge("x", "b")
    command(world, "c", "forget")
    world.feed(*(event_line(2, user_id=user) for user in ("a", "b", "c", "x")))
    world.settle()
    assert [world.rows_of(user) for user in ("a", "b", "c", "x")] == [0, 0, 0, 0]
    assert world.total() == {"records_in": 7, "applied": 3, "excluded": 4}


def test_what_is_merged_into_a_forgotten_user_is_dropped(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD), event_line(2, user_id=OLD, item_id="new"))
    command(world, NEW, "forget")
    world.merge(OLD, NEW)
    world.feed(event_line(3, user_id=OLD))
    world.settle()
    assert (world.rows_of(OLD), world.rows_of(NEW)) == (0, 0)
    assert world.total() == {"records_in": 3, "applied": 1, "excluded": 2}
    assert world.flink.holding(OLD) | world.flink.holding(NEW) == set()


def test_a_forgotten_user_stays_forgotten_and_brings_nothing(world: MergeWorld) -> None:
    command(world, OLD, "forget")
    world.merge(OLD, NEW)
    world.feed(event_line(1, user_id=OLD))
    world.settle()
    assert world.total() == {"records_in": 1, "excluded": 1}
    assert world.total("control") == {"records_in": 2, "applied": 2}
    assert world.event_count(NEW) is None


@pytest.mark.parametrize("user", [OLD, NEW])
def test_either_having_opted_out_both_have_until_one_opts_in(world: MergeWorld, user: str) -> None:
    world.feed(event_line(1, user_id=OLD), event_line(2, user_id=NEW))
    command(world, user, "opt_out")
    world.merge(OLD, NEW)
    assert (world.windows(OLD), world.windows(NEW)) == ({}, {})
    world.feed(event_line(3, user_id=OLD), event_line(4, user_id=NEW))
    world.settle()
    assert world.windows(NEW) == {}
    assert world.total() == {"records_in": 4, "applied": 2, "excluded": 2}
    command(world, OLD, "opt_in")
    assert world.windows(NEW)["recent"] == list(EAST)
    world.feed(event_line(5, user_id=OLD), event_line(6, user_id=NEW))
    world.settle()
    assert world.event_count(NEW) == 4
    assert world.windows(OLD) == {}


def test_opting_out_by_the_old_id_opts_the_new_user_out(world: MergeWorld) -> None:
    merged(world)
    command(world, OLD, "opt_out")
    assert world.windows(NEW) == {}
    command(world, NEW, "opt_in")
    assert world.event_count(NEW) == 2


def test_waiting_events_of_a_user_who_opted_out_are_excluded_after_the_merge(
    world: MergeWorld,
) -> None:
    world.feed(event_line(1, user_id=OLD, item_id="new"))
    command(world, OLD, "opt_out")
    world.merge(OLD, NEW)
    world.flink.broadcast(vectors_row({"new": INWARD}))
    world.settle()
    assert world.total() == {"records_in": 1, "excluded": 1}


def test_commands_of_one_batch_are_carried_out_in_their_order(world: MergeWorld) -> None:
    world.feed(event_line(1, user_id=OLD))
    world.command(command_line(OLD, "opt_out"), merge_line(OLD, NEW), command_line(OLD, "opt_in"))
    world.settle()
    assert world.event_count(NEW) == 1
    assert world.windows(NEW)["recent"] == list(EAST)
    assert world.rows_of(OLD) == 0
