"""Events of deleted items in the interest step, and what earlier ones have left."""

from collections.abc import Iterator

import numpy as np
import pytest

from jobs.operators.interest_step import WAITING_CHECK_MS
from jobs.operators.item_vectors import removal
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import (
    EAST,
    NOON_MS,
    NORTH,
    UP,
    command_line,
    deletion_line,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def remove(world: InterestWorld, *items: str) -> None:
    """Tell the step of deleted items, as the item step does."""
    world.flink.broadcast(removal(items))


def test_what_a_user_did_stays_in_the_sums_and_leaves_what_is_made_of_current_vectors(world):
    world.events(event_line(1), event_line(2, item_id="up", event_time=NOON_MS + 1))
    remove(world, "up")
    assert world.windows()["recent"] != list(EAST)  # until the user's next event
    world.events(event_line(3, item_id="north", event_time=NOON_MS + 2))
    found = world.windows()
    # recent: 3 * NORTH + 3 * 2^(-2/3) * EAST; in the month all three weigh the same.
    expected = np.array(NORTH) + 2 ** (-2 / 3) * np.array(EAST)
    np.testing.assert_allclose(found["recent"], expected / np.linalg.norm(expected), atol=1e-3)
    session = (np.array(NORTH) + EAST) / 2**0.5
    np.testing.assert_allclose(found["session"], session, atol=1e-3)
    month = (np.array(NORTH) + EAST + UP) / 3**0.5
    np.testing.assert_allclose(found["month"], month, atol=1e-3)
    ((weights,),) = world.rows(
        "SELECT array_agg(weight ORDER BY kind) FROM interestream.user_windows"
        " WHERE kind IN ('month', 'session')"
    )
    np.testing.assert_allclose(weights, [9.0, 9.0], rtol=1e-5)
    assert world.event_count() == 3


def test_a_deleted_item_is_no_interest(world):
    query = "SELECT interest_items FROM interestream.users"
    world.events(event_line(1), event_line(2, item_id="up"), event_line(3, item_id="up"))
    assert {item for row in world.rows(query) for item in row[0]} == {"east", "up"}
    remove(world, "up")
    world.events(event_line(4))
    assert world.rows(query) == [(["east"],)]
    remove(world, "east")
    world.events(event_line(5, item_id="north"))
    assert world.rows(query) == [(["north"],)]


def test_a_user_whose_items_are_all_deleted_has_no_recent_window(world):
    world.events(event_line(1))
    remove(world, "east")
    world.control(command_line("ada", "opt_out"), command_line("ada", "opt_in"))
    assert "recent" not in world.windows()
    assert world.windows()["month"] == list(EAST)
    assert world.rows("SELECT interest_items FROM interestream.users") == [([],)]


def test_later_events_of_a_deleted_item_are_excluded(world):
    world.events(event_line(1))
    remove(world, "east")
    before = world.tables()
    world.events(
        event_line(2),
        event_line(3, action="unlike"),
        event_line(1),
        event_line(4, action="dislike", user_id="bob"),
    )
    world.text_events((event_line(5, action="comment", text="so good"), UP))
    after = world.tables()
    assert world.progress() == {"records_in": 6, "applied": 1, "excluded": 5}
    for table in ("users", "user_windows", "user_items", "dead_letters"):
        assert after[table] == before[table]


def test_a_query_on_a_deleted_item_counts_as_one_without_an_item(world):
    remove(world, "east")
    world.text_events((search_line(1, "hats", item_id="east"), UP))
    assert world.windows()["recent"] == list(UP)
    assert world.rows("SELECT * FROM interestream.user_items") == []
    assert world.progress() == {"records_in": 1, "applied": 1}


def test_events_that_wait_for_a_deleted_item_are_excluded_at_once(world):
    world.events(event_line(1, item_id="new"), event_line(2, item_id="other"))
    assert world.progress() == {"records_in": 2, "waiting": 2}
    remove(world, "new")
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 2, "waiting": 1, "excluded": 1}
    assert world.flink.holding("new") == set()
    world.flink.broadcast(vectors_row({"new": UP, "other": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 2, "applied": 1, "excluded": 1}


def test_events_that_waited_over_a_restart_are_excluded_as_well(world):
    world.events(event_line(1, item_id="new"))
    remove(world, "new")
    world.restart()
    world.flink.advance(WAITING_CHECK_MS)
    assert world.progress() == {"records_in": 1, "excluded": 1}


def test_a_deleted_item_stays_deleted_over_a_restart(world):
    world.events(event_line(1))
    remove(world, "east")
    world.restart()
    world.flink.broadcast(vectors_row({"east": NORTH}, version=2))
    world.events(event_line(2), event_line(3, item_id="up", event_time=NOON_MS + 1))
    assert world.windows()["recent"] == list(UP)
    assert world.progress() == {"records_in": 3, "applied": 2, "excluded": 1}
    assert world.flink.entries("item-vectors-v1") == 3


def test_the_command_deletes_the_rows_of_the_item_and_of_no_other(world):
    world.rows(
        "INSERT INTO interestream.items (item_id, title, epoch, version)"
        " VALUES ('east', 'East', 1, 1), ('up', 'Up', 1, 1) RETURNING 1"
    )
    world.control(deletion_line("east"), bucket=UNREADABLE_BUCKET)
    assert world.rows("SELECT item_id FROM interestream.items") == [("up",)]
    assert world.rows("SELECT item_id FROM interestream.deleted_items") == [("east",)]
    assert world.progress("control", UNREADABLE_BUCKET) == {"records_in": 1, "applied": 1}


def test_the_command_may_come_again_with_a_user_or_among_others(world):
    world.events(event_line(1, user_id="bob"))
    lines = [
        deletion_line("east"),
        command_line("ada", "forget"),
        b"{",
        deletion_line("east"),
        deletion_line(7),
    ]
    world.control(*lines, bucket=UNREADABLE_BUCKET)
    world.control(deletion_line("east", user_id="bob"), command_line("bob", "forget"))
    found = world.rows("SELECT item_id FROM interestream.deleted_items ORDER BY number")
    assert found == [("7",), ("east",)]
    assert world.event_count("bob") is None
    assert world.reasons("control") == [("unreadable_key", "ada"), ("not_json", None)]
    assert world.progress("control", UNREADABLE_BUCKET) == {
        "records_in": 5,
        "applied": 3,
        "dead_letters": 2,
    }
    assert world.progress("control") == {"records_in": 2, "applied": 2}


def test_a_replay_after_a_crash_deletes_again_and_changes_nothing(world):
    snapshot = world.flink.snapshot()
    world.control(deletion_line("east"), bucket=UNREADABLE_BUCKET)
    once = world.rows("SELECT * FROM interestream.deleted_items"), world.tables()
    world.restart(snapshot)
    world.control(deletion_line("east"), bucket=UNREADABLE_BUCKET)
    assert (world.rows("SELECT * FROM interestream.deleted_items"), world.tables()) == once
