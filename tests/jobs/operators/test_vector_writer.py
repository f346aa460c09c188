"""The vector writer: vectors are stored exactly, and the newest version stays."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from jobs.operators.vector_writer import VectorWriter
from tests.builders import EAST, NOON_MS, NORTH, SLANT, UP, half, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space, vectors_row


class VectorWorld:
    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        settings = operator_settings(dsn, space_id=create_space(dsn))
        self.flink = FakeFlink(lambda: VectorWriter(settings), NOON_MS)

    def vectors(self, items: dict[str, Any], **head: int) -> None:
        assert self.flink.send(vectors_row(items, **head)) == []

    def stored(self) -> dict[str, tuple[list[float], int, int]]:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            rows = db.execute(
                "SELECT item_id, embedding::text, epoch, version FROM interestream.item_vectors"
            ).fetchall()
        return {
            item: ([float(x) for x in text.strip("[]").split(",")], epoch, version)
            for item, text, epoch, version in rows
        }

    def counted(self) -> tuple[Any, ...] | None:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            return db.execute(
                "SELECT records_in, applied FROM interestream.job_progress WHERE stream = 'vectors'"
            ).fetchone()


@pytest.fixture
def world(job_dsn: str) -> Iterator[VectorWorld]:
    made = VectorWorld(job_dsn)
    yield made
    made.flink.close()


def test_a_vector_is_stored_bit_for_bit(world):
    world.vectors({"a": EAST, "b": SLANT})
    stored = world.stored()
    assert {item: half(row[0]).tobytes() for item, row in stored.items()} == {
        "a": half(EAST).tobytes(),
        "b": half(SLANT).tobytes(),
    }
    assert {row[1:] for row in stored.values()} == {(100, 1)}
    assert world.counted() == (2, 2)


def test_a_newer_version_replaces_and_an_older_one_does_not(world):
    world.vectors({"a": EAST}, version=2)
    world.vectors({"a": NORTH}, version=1)
    assert world.stored() == {"a": (list(EAST), 100, 2)}
    world.vectors({"a": UP}, version=3)
    assert world.stored() == {"a": (list(UP), 100, 3)}
    world.vectors({"a": NORTH}, epoch=99, version=9)
    assert world.stored() == {"a": (list(UP), 100, 3)}
    assert world.counted() == (4, 4)


def test_the_newest_version_of_an_item_in_a_batch_is_kept(world):
    row, newer, older = (vectors_row({"a": v}, version=n) for v, n in ((UP, 2), (EAST, 7), (UP, 3)))
    for other in (newer, older):
        row[1].extend(other[1])
        row[2].extend(other[2])
    world.flink.send(row)
    assert world.stored() == {"a": (list(EAST), 100, 7)}


def test_the_same_batch_again_after_a_restore_changes_nothing(world):
    checkpoint = world.flink.snapshot()
    world.vectors({"a": EAST, "b": UP})
    before = world.stored(), world.counted()
    world.flink.restore(checkpoint)
    world.vectors({"a": EAST})
    world.vectors({"b": UP})
    assert (world.stored(), world.counted()) == before


def test_a_vector_of_a_deleted_item_is_counted_and_not_written(world):
    world.vectors({"a": EAST, "b": NORTH})
    with psycopg.connect(world.dsn, autocommit=True) as db:
        db.execute("SELECT interestream.delete_items('{a,c}')")
    assert list(world.stored()) == ["b"]
    world.vectors({"a": UP, "b": UP}, version=2)
    world.vectors({"c": UP})
    assert list(world.stored()) == ["b"]
    assert world.counted() == (5, 5)
