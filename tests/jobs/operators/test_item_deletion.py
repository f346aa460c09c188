"""Deleted items in the item step: nothing of them is kept, and none of their records is taken."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from jobs.operators.encode_queue import PORTION
from jobs.operators.item_step import ANNOUNCED, LIFE_MS
from jobs.operators.item_vectors import removed_items
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import item_line, line
from tests.jobs.operators.test_item_step import ItemWorld


class DeletionWorld(ItemWorld):
    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.removed: list[list[str]] = []
        """Rows of deleted items that were announced."""

    def _documents(self, sent: list[Any], bucket: int) -> list[tuple[str, int, int, str]]:
        others = []
        for row in sent:
            found = removed_items(row[1]) if isinstance(row, tuple) else None
            if found is None:
                others.append(row)
            else:
                assert row[0] is ANNOUNCED
                self.removed.append(found)
        return super()._documents(others, bucket)

    def delete(self, *items: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            db.execute("SELECT interestream.delete_items(%s)", [list(items)])

    def ids(self) -> list[str]:
        return [row[0] for row in self.titles()]

    def excluded(self) -> int:
        ((count,),) = self.rows(
            "SELECT sum(excluded)::int FROM interestream.job_progress WHERE stream = 'items'"
        )
        return int(count)


@pytest.fixture
def world(job_dsn: str) -> Iterator[DeletionWorld]:
    made = DeletionWorld(job_dsn)
    yield made
    made.flink.close()


def test_a_deleted_item_leaves_the_state_and_is_announced_once(world):
    world.items(item_line("a"), item_line("b"))
    world.delete("a", "unknown")
    world.later(LIFE_MS)
    assert world.removed == [["a", "unknown"]]
    assert world.flink.entries("known-items-v1") == 1
    assert world.flink.holding("a") == set()
    world.later(3 * LIFE_MS)
    world.delete("a")
    world.later(3 * LIFE_MS)
    assert world.removed == [["a", "unknown"]]


def test_records_of_a_deleted_item_are_left_out_and_counted(world):
    world.items(item_line("a", title="Alien"))
    world.delete("a")
    world.later(LIFE_MS)
    gone = line({"item_id": "a", "available": False})
    assert world.items(item_line("a", title="Alien"), gone, item_line("b")) != []
    assert world.ids() == ["b"]
    assert (world.excluded(), world.progress()) == (2, (4, 0, 0, 2))
    assert world.flink.entries("known-items-v1") == 1


def test_an_item_that_is_deleted_before_its_first_record_never_comes(world):
    world.delete("a")
    assert world.items(item_line("a")) == []
    assert (world.ids(), world.excluded(), world.removed) == ([], 1, [["a"]])


def test_a_record_that_is_read_before_the_step_learns_of_the_deletion_writes_nothing(world):
    world.items(item_line("a", title="Alien"))
    world.delete("a")
    # Its document is not encoded, since the transaction tells that the item is deleted.
    assert world.items(item_line("a", title="Aliens"), item_line("b")) == [("b", 100, 1, "B")]
    assert world.ids() == ["b"]
    assert world.announced == []
    assert world.removed == [["a"]]
    assert world.flink.entries("known-items-v1") == 1


def test_after_a_restore_of_an_earlier_state_the_item_is_dropped_again(world):
    world.items(item_line("a"))
    snapshot = world.flink.snapshot()
    world.delete("a")
    world.later(LIFE_MS)
    world.flink.restore(snapshot)
    assert world.flink.entries("known-items-v1") == 1
    world.later(LIFE_MS)
    assert world.removed == [["a"], ["a"]]
    assert world.flink.entries("known-items-v1") == 0
    world.flink.restore(snapshot)
    assert world.items(item_line("a", title="Alien")) == []
    assert (world.ids(), world.flink.entries("known-items-v1")) == ([], 0)


def test_every_bucket_drops_its_own_items(world):
    world.items(item_line("a"), bucket=0)
    world.items(item_line("b"), bucket=1)
    world.delete("a", "b")
    world.flink.advance(LIFE_MS)
    assert world.flink.entries("known-items-v1") == 0


def test_a_document_that_waits_for_the_encoder_is_not_passed_on(world):
    storm = [f"storm-{number:03}" for number in range(2 * PORTION)]
    world.items(*(item_line(item) for item in storm))
    world.delete("storm-020")
    assert world.items(item_line("after")) == []  # From this batch on the step knows.
    passed_on = [row[0] for _ in range(3) for row in world.later()]
    assert passed_on == [*(item for item in storm if item != "storm-020"), "after"]
    assert world.flink.holding("storm-020") == set()


def test_dead_letters_of_a_deleted_item_go_and_later_ones_are_only_counted(world):
    broken = [item_line("a", title=3), item_line("a")[:-1], item_line("b", title=3)]
    letters = "SELECT item_id, reason FROM interestream.dead_letters ORDER BY bucket DESC, seq"
    world.items(*broken)
    world.items(item_line("a"), bucket=UNREADABLE_BUCKET)
    assert world.rows(letters) == [
        ("a", "wrong_type"),
        ("a", "not_json"),
        ("b", "wrong_type"),
        ("a", "unreadable_key"),
    ]
    world.delete("a")
    world.items(*broken)
    world.items(*broken)
    world.items(item_line("a"), bucket=UNREADABLE_BUCKET)
    assert world.rows(letters) == [("b", "wrong_type")] * 3
    assert world.progress() == (11, 0, 11, 0)


def test_a_postgres_that_is_away_holds_no_sign_of_life_up(world, monkeypatch):
    world.items(item_line("a"))

    def away() -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(world.flink.operator._postgres, "_open", away)
    world.later(3 * LIFE_MS)
    assert world.signs_of_life == 3
    monkeypatch.undo()
    world.delete("a")
    world.later(20 * LIFE_MS)
    assert world.removed == []  # After a failure the step waits for half a minute.
    world.later(20 * LIFE_MS)
    assert world.removed == [["a"]]
