"""Commands about users: forget, opt out and opt in, from the raw line to the tables."""

from collections.abc import Iterator

import psycopg
import pytest

from jobs.operators.interest_step import WAITING_CHECK_MS
from jobs.operators.row_kinds import UNREADABLE_BUCKET
from tests.builders import (
    EAST,
    INWARD,
    NOON_MS,
    UP,
    command_line,
    event_line,
    search_line,
)
from tests.jobs.operators.builders import InterestWorld, vectors_row


@pytest.fixture
def world(job_dsn: str) -> Iterator[InterestWorld]:
    with InterestWorld(job_dsn) as made:
        yield made


def test_commands_without_a_readable_key_are_one_dead_letter_each(world):
    lines = [command_line("ada", "forget"), b"{", command_line("ada", "praise")]
    world.control(*lines, bucket=UNREADABLE_BUCKET)
    found = world.rows("SELECT raw, reason FROM interestream.dead_letters ORDER BY seq")
    assert found == [
        (lines[0], "unreadable_key"),
        (lines[1], "not_json"),
        (lines[2], "unknown_action"),
    ]
    counters = world.progress("control", UNREADABLE_BUCKET)
    assert counters == {"records_in": 3, "dead_letters": 3}


def test_forget_removes_rows_and_waiting_events_and_excludes_later_events(world):
    world.events(event_line(1), event_line(2, item_id="new"), event_line(3, action="levitate"))
    world.events(event_line(4, user_id="bob"))
    world.control(command_line("ada", "forget"))
    assert world.rows("SELECT user_id FROM interestream.users") == [("bob",)]
    for table in ("user_windows", "user_items"):
        assert world.rows(f"SELECT DISTINCT user_id FROM interestream.{table}") == [("bob",)]
    assert world.rows("SELECT * FROM interestream.dead_letters") == []
    assert world.flink.entries("waiting-v2") == 0

    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    world.events(event_line(5), event_line(1))
    world.text_events((search_line(6, "hats"), UP))
    assert world.event_count() is None
    assert world.progress() == {"records_in": 7, "applied": 2, "dead_letters": 1, "excluded": 4}
    assert world.progress("control") == {"records_in": 1, "applied": 1}


def test_no_command_readmits_a_forgotten_user(world):
    world.events(event_line(1))
    world.control(*(command_line("ada", name) for name in ("forget", "opt_out", "opt_in")))
    world.events(event_line(2))
    world.control(command_line("ada", "opt_in"))
    assert (world.event_count(), world.windows()) == (None, {})
    assert world.progress() == {"records_in": 2, "applied": 1, "excluded": 1}


def test_the_state_of_a_forgotten_user_is_a_digest_alone(world):
    world.text_events((search_line(1, "red shoes"), INWARD))
    world.control(command_line("ada", "forget"))
    assert world.flink.entries("users-v2") == 0
    assert world.flink.entries("excluded-v1") == 1
    assert world.flink.holding("ada") == world.flink.holding("red shoes") == set()


def test_a_query_of_a_forgotten_user_leaves_no_dead_letter(world):
    world.control(command_line("ada", "forget"))
    world.text_events((search_line(1, "red shoes"), None))
    assert world.reasons() == []
    assert world.progress() == {"records_in": 1, "excluded": 1}


def test_opt_out_deletes_the_vectors_and_opt_in_writes_them_again(world):
    world.events(event_line(1), event_line(2, user_id="bob"))
    before = world.windows()
    world.control(command_line("ada", "opt_out"))
    assert (world.event_count(), world.windows()) == (None, {})
    assert world.windows("bob") == before
    world.events(event_line(3, item_id="north"))
    assert world.windows() == {}
    world.control(command_line("ada", "opt_in"))
    assert (world.event_count(), world.windows()) == (1, before)
    world.events(event_line(3, item_id="north", event_time=NOON_MS + 1))
    assert world.event_count() == 2
    assert world.progress() == {"records_in": 4, "applied": 3, "excluded": 1}


def test_opt_out_and_opt_in_in_one_batch_change_nothing(world):
    world.events(event_line(1))
    world.control(command_line("ada", "opt_out"), command_line("ada", "opt_in"))
    assert world.event_count() == 1


def test_a_user_without_events_may_opt_out_and_in(world):
    world.control(command_line("ada", "opt_out"))
    world.control(command_line("ada", "opt_in"))
    assert world.event_count() is None
    world.events(event_line(1))
    assert world.event_count() == 1


def test_a_waiting_event_of_a_user_who_opted_out_writes_no_vectors(world):
    world.events(event_line(1), event_line(2, item_id="new"), event_line(3, user_id="bob"))
    world.control(command_line("ada", "opt_out"))
    world.flink.broadcast(vectors_row({"new": UP}))
    world.flink.advance(WAITING_CHECK_MS)
    assert (world.event_count(), world.windows()) == (None, {})
    assert world.progress() == {"records_in": 3, "applied": 2, "excluded": 1}
    world.control(command_line("ada", "opt_in"))
    assert world.windows()["recent"] == list(EAST)


def test_invalid_commands_are_dead_letters_of_the_control_stream(world):
    world.control(b"{", command_line("ada", "praise"), command_line("ada", "opt_out"))
    assert world.reasons("control") == [("not_json", None), ("unknown_action", "ada")]
    assert world.reasons() == []
    assert world.progress("control") == {"records_in": 3, "dead_letters": 2, "applied": 1}


def test_opt_out_deletes_rows_of_its_own_space_alone(job_dsn):
    with InterestWorld(job_dsn) as first:
        with psycopg.connect(job_dsn, autocommit=True) as db:
            db.execute(
                "SELECT interestream.create_space('tiny', '2', 'bb', 4, '{0,0,0,0}'::real[])"
            )
        with InterestWorld(job_dsn, space_id=first.space_id + 1, items={"east": UP}) as second:
            first.events(event_line(1))
            second.events(event_line(1))
            first.control(command_line("ada", "opt_out"))
            assert first.rows("SELECT space_id, events FROM interestream.users") == [
                (first.space_id + 1, 1)
            ]


def test_a_broken_line_of_a_forgotten_user_is_counted_and_not_kept(world):
    world.events(event_line(1))
    world.control(b'{"user_id": "ada", "command": "forget"}')
    broken = event_line(2, action="levitate")
    world.events(broken)
    assert world.rows("SELECT count(*) FROM interestream.dead_letters") == [(0,)]
    counted = "SELECT dead_letters FROM interestream.job_progress WHERE stream = 'events'"
    assert world.rows(counted) == [(1,)]


BROKEN = [
    event_line(9, context="x" * 70_000),
    event_line(9, item_id="bo\0ok"),
    event_line(9, session_id="@").replace(b"@", b"\xff"),
    event_line(9, text="x" * 300_000)[:262_144] + b"\n300000 %2Fa.ndjson",
]


def test_forget_finds_every_broken_line_whose_user_can_be_read(world):
    world.events(*BROKEN)
    world.events(event_line(9)[:-1], event_line(9), bucket=UNREADABLE_BUCKET)
    world.control(event_line(9)[:-1], bucket=UNREADABLE_BUCKET)
    ((kept,),) = world.rows("SELECT count(*) FROM interestream.dead_letters")
    assert kept == len(BROKEN) + 3
    world.control(command_line("ada", "forget"))
    assert world.rows("SELECT raw FROM interestream.dead_letters") == []


def test_nothing_of_later_broken_lines_of_a_forgotten_user_is_kept(world):
    world.control(command_line("ada", "forget"))
    world.events(*BROKEN)
    world.control(command_line("ada", "praise"))
    assert world.rows("SELECT raw FROM interestream.dead_letters") == []
    assert world.progress()["dead_letters"] == len(BROKEN)
    assert world.progress("control") == {"records_in": 2, "dead_letters": 1, "applied": 1}


def test_a_later_line_whose_user_java_cannot_read_is_kept_until_the_user_is_forgotten_again(world):
    world.control(command_line("ada", "forget"))
    world.events(event_line(9)[:-1], bucket=UNREADABLE_BUCKET)
    assert world.reasons() == [("not_json", "ada")]
    assert world.rows("SELECT interestream.forget_user('ada')") == [(1,)]
    assert world.reasons() == []


def test_excluded_users_are_not_counted(world):
    world.control(command_line("ada", "forget"), command_line("bob", "opt_out"))
    world.events(event_line(1), event_line(2, user_id="bob"))
    assert world.trend_rows == []
