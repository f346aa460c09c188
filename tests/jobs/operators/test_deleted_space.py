"""A step whose space is deleted beneath it: it writes nothing more, and its error names the space.

That Flink then ends the job is seen in a real one (`tests/cluster/test_retired_space.py`).
"""

from typing import Any

import psycopg
import pytest

from jobs.errors import SpaceGoneError
from jobs.operators.item_step import ItemStep
from jobs.operators.neighbor_step import NeighborStep
from jobs.operators.trend_writer import TrendWriter
from jobs.operators.user_writer import UserWriter
from jobs.operators.vector_writer import VectorWriter
from tests.builders import ITEMS, NOON_MS, event_line, item_line, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import InterestWorld, create_space
from tests.jobs.operators.test_item_step import ItemWorld

STEPS = [ItemStep, VectorWriter, UserWriter, TrendWriter, NeighborStep]


def delete_space(dsn: str, space_id: int) -> None:
    """Delete the space while another one is active, as `retire --force` does."""
    other = create_space(dsn, sha256="bb")
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("SELECT interestream.activate_space(%s)", [other])
        db.execute("SELECT interestream.drop_space(%s)", [space_id])


def number(dsn: str, table: str) -> int:
    with psycopg.connect(dsn, autocommit=True) as db:
        row = db.execute(f"SELECT count(*) FROM interestream.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("step", STEPS)
def test_every_step_that_writes_holds_its_space(step: Any, job_dsn: str) -> None:
    settings = operator_settings(job_dsn, space_id=create_space(job_dsn))
    flink = FakeFlink(lambda: step(settings), NOON_MS)
    postgres = flink.operator._postgres
    postgres.run(lambda _: None)
    delete_space(job_dsn, settings.identity.space_id)

    def write(connection: psycopg.Connection) -> None:
        connection.execute("INSERT INTO interestream.deleted_items (item_id) VALUES ('a')")

    for attempt in (postgres.run, postgres.try_once):
        with pytest.raises(SpaceGoneError, match="space 1 was deleted while its job ran"):
            attempt(write)
    assert number(job_dsn, "deleted_items") == 0
    flink.close()


def test_events_after_the_deletion_leave_no_row(job_dsn):
    with InterestWorld(job_dsn) as world:
        item = next(iter(ITEMS))
        world.events(event_line(1, item_id=item))
        assert number(job_dsn, "users") == 1
        delete_space(job_dsn, world.space_id)
        with pytest.raises(SpaceGoneError, match="`interestream space status` shows the other"):
            world.events(event_line(2, item_id=item))
    for table in ("users", "user_windows", "job_progress", "learned_weights"):
        assert number(job_dsn, table) == 0, table


def test_an_idle_item_step_notices_it_within_a_second(job_dsn):
    world = ItemWorld(job_dsn)
    world.items(item_line("a"))
    delete_space(job_dsn, 1)
    with pytest.raises(SpaceGoneError):
        world.later(1_000)
