"""A table of items that was emptied: all of a bucket are withdrawn, in the order of the records."""

import pytest

from jobs.core.parsing.withdraw_all import withdraw_all_line
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import item_line
from tests.jobs.operators.test_item_step import ItemWorld

AVAILABLE = "SELECT item_id, available FROM interestream.items ORDER BY 1"


@pytest.fixture
def world(dsn: str) -> ItemWorld:
    return ItemWorld(dsn)


def test_all_items_before_it_are_withdrawn_and_those_after_it_are_there(world: ItemWorld) -> None:
    world.items(item_line("a", title="A tale"), item_line("b", title="Bells"))
    world.items(item_line("x", title="Another bucket's"), bucket=1)
    again = world.items(
        item_line("c", title="Cups"), withdraw_all_line(0), item_line("b", title="Bells")
    )
    assert world.rows(AVAILABLE) == [("a", False), ("b", True), ("c", False), ("x", True)]
    # The text of what comes back is known.
    assert [item_id for item_id, *_ in again] == ["c"]


def test_nothing_but_the_job_itself_can_write_such_a_line(world: ItemWorld) -> None:
    world.items(item_line("a", title="A tale"))
    # Java finds no key in it: lines of the contract name an item.
    world.items(withdraw_all_line(0), bucket=UNREADABLE_BUCKET)
    assert world.rows(AVAILABLE) == [("a", True)]
    assert world.rows("SELECT reason FROM interestream.dead_letters") == [("not_json",)]
