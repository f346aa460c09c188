"""Withdrawals in the item step: an item stays what it is, and becomes unavailable."""

from collections.abc import Iterator
from typing import Any

import pytest

from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import NOON_MS, item_line, line
from tests.jobs.operators.test_item_step import ItemWorld

WITHDRAWN = line({"item_id": "a", "available": False})


@pytest.fixture
def world(job_dsn: str) -> Iterator[ItemWorld]:
    made = ItemWorld(job_dsn)
    yield made
    made.flink.close()


def availability(world: ItemWorld) -> list[tuple[Any, ...]]:
    return world.rows("SELECT item_id, title, available, version FROM interestream.items")


def test_a_withdrawn_item_keeps_what_it_is_and_comes_back_without_being_encoded_again(world):
    full = item_line("a", title="Alien", text="In space", categories=["Horror"], group_id="g")
    everything = (
        "SELECT title, body, categories, group_id, attributes, representative, arrived_at"
        " FROM interestream.items"
    )
    world.items(full)
    before = world.rows(everything)
    assert world.items(WITHDRAWN) == []
    assert world.rows(everything) == before
    assert availability(world) == [("a", "Alien", False, 2)]
    assert world.announced == []
    assert world.items(full) == []
    assert availability(world) == [("a", "Alien", True, 3)]
    assert world.progress() == (3, 0, 0, 1)


def test_the_withdrawal_of_an_unknown_item_has_no_effect_and_is_counted(world):
    assert world.items(WITHDRAWN) == []
    assert world.progress() == (1, 1, 0, 0)
    assert world.flink.entries("known-items-v1") == 0
    assert world.items(item_line("a", title="Alien")) != []
    assert availability(world) == [("a", "Alien", True, 1)]


def test_withdrawals_and_items_of_a_batch_count_in_their_order(world):
    sent = world.items(item_line("a", title="Alien"), WITHDRAWN)
    assert sent == [("a", 100, 1, "Alien")]
    assert availability(world) == [("a", "Alien", False, 2)]
    world.items(WITHDRAWN, item_line("a", title="Aliens"))
    assert availability(world) == [("a", "Aliens", True, 4)]
    world.items(WITHDRAWN, WITHDRAWN)
    assert availability(world) == [("a", "Aliens", False, 6)]


def test_a_withdrawal_that_is_older_than_the_item_has_no_effect(world):
    def withdrawn(updated_ms: int) -> bytes:
        return line({"item_id": "a", "available": False, "updated_at": updated_ms})

    world.items(item_line("a", title="Alien", updated_at=NOON_MS))
    world.items(withdrawn(NOON_MS - 1))
    assert availability(world) == [("a", "Alien", True, 1)]
    world.items(withdrawn(NOON_MS + 5))
    assert availability(world) == [("a", "Alien", False, 2)]
    world.items(item_line("a", title="Alien", updated_at=NOON_MS + 4))
    assert availability(world) == [("a", "Alien", False, 2)]
    # Without a time it is as new as the newest record.
    world.items(item_line("a", title="Alien"), WITHDRAWN)
    assert world.rows("SELECT available, updated_at::text FROM interestream.items") == [
        (False, "2026-03-10 12:00:00.005+00")
    ]
    assert world.progress() == (6, 2, 0, 1)


def test_a_withdrawal_is_written_again_after_a_restore_and_not_over_what_is_newer(world):
    world.items(item_line("a", title="Alien"))
    checkpoint = world.flink.snapshot()
    world.items(WITHDRAWN)
    rows = availability(world)
    world.flink.restore(checkpoint)
    world.items(WITHDRAWN)
    assert availability(world) == rows == [("a", "Alien", False, 2)]
    world.items(item_line("a", title="Aliens"))
    world.flink.restore(checkpoint)
    world.items(WITHDRAWN)
    assert availability(world) == [("a", "Aliens", True, 3)]


def test_a_withdrawal_whose_key_could_not_be_read_is_a_dead_letter(world):
    world.items(item_line("a"))
    world.items(WITHDRAWN, bucket=UNREADABLE_BUCKET)
    assert world.rows("SELECT raw, reason FROM interestream.dead_letters") == [
        (WITHDRAWN, "unreadable_key")
    ]
    assert availability(world) == [("a", "A", True, 1)]
