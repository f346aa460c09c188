"""User batches in Postgres: repeated batches, older versions, deleted rows, dead dead_letters."""

from dataclasses import astuple, replace
from datetime import date
from typing import Any

import numpy as np
import psycopg
import pytest
from pydantic import SecretStr

from jobs.config import Database
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_item_rows import user_item_rows
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.user_rows import write_user_batch
from tests.builders import EAST, NOON_MS, NORTH, UP
from tests.jobs.sinks.builders import batch, folded, interests, rows, window, write
from tests.sql.builders import keep_day


def stored(dsn: str) -> list[tuple[Any, ...]]:
    return rows(
        dsn,
        "SELECT w.embedding::text, w.epoch, w.version, u.epoch, u.version, u.interest_items"
        " FROM interestream.user_windows AS w JOIN interestream.users AS u USING (user_id)",
    )


def test_writing_a_batch_twice_changes_nothing(job_dsn):
    dead_letters = {"events": [DeadLetter(b"\x00\xff", "not_utf8", "byte 1", "ada")]}
    expected = batch(
        2, EAST, progress={"events": Progress(3, dead_letters=1, applied=2)}, dead=dead_letters
    )
    write(job_dsn, expected, expected)
    assert stored(job_dsn) == [("[1,0,0,0]", 1, 2, 1, 2, ["east"])]
    assert rows(job_dsn, "SELECT raw, reason, detail, user_id FROM interestream.dead_letters") == [
        (b"\x00\xff", "not_utf8", "byte 1", "ada")
    ]
    assert rows(job_dsn, "SELECT records_in, applied FROM interestream.job_progress") == [(3, 2)]


@pytest.mark.parametrize(
    ("epoch", "version", "wins"),
    [(1, 5, True), (1, 6, True), (1, 4, False), (0, 99, False), (2, 1, True)],
)
def test_only_a_version_that_is_not_older_overwrites(job_dsn, epoch, version, wins):
    write(job_dsn, batch(5, EAST), batch(version, NORTH, epoch=epoch))
    expected = ("[0,1,0,0]", epoch, version) if wins else ("[1,0,0,0]", 1, 5)
    assert stored(job_dsn) == [(*expected, *expected[1:], ["east"])]


@pytest.mark.parametrize(
    ("epoch", "version", "deleted"),
    [(1, 5, True), (1, 6, True), (1, 4, False), (0, 99, False), (2, 1, True)],
)
def test_only_a_version_that_is_not_older_deletes_a_row(job_dsn, epoch, version, deleted):
    write(job_dsn, batch(5, EAST), batch(version, None, epoch=epoch))
    left = rows(job_dsn, "SELECT version FROM interestream.user_windows")
    assert left == ([] if deleted else [(5,)])


def test_deleting_a_missing_row_is_fine(job_dsn):
    write(job_dsn, batch(1, None))
    assert rows(job_dsn, "SELECT events FROM interestream.users") == [(1,)]


def test_rows_are_written_and_deleted_by_user_and_kind(job_dsn):
    names = ["ada", "bob", "cleo"]
    both = [window("recent", {0: EAST, 2: NORTH}), window("day", {0: NORTH, 1: EAST})]
    write(job_dsn, UserBatch(1, 1, 0, names, folded([1, 1, 1], both, written_users=[0, 1, 2])))
    later = [window("recent", {1: UP}, deleted=[0]), window("day", {}, deleted=[1, 2])]
    write(job_dsn, UserBatch(1, 1, 0, names, folded([2, 2, 2], later, written_users=[])))
    assert rows(
        job_dsn,
        "SELECT user_id, kind, embedding::text, version FROM interestream.user_windows"
        " ORDER BY 1, 2",
    ) == [
        ("ada", "day", "[0,1,0,0]", 1),
        ("bob", "recent", "[0,0,1,0]", 2),
        ("cleo", "recent", "[0,1,0,0]", 1),
    ]


def test_a_row_is_deleted_by_key_with_the_plan_of_an_empty_table(job_dsn):
    names = [f"u{number}" for number in range(500)]
    vectors = dict.fromkeys(range(len(names)), EAST)
    deletion = batch(1, None)
    fill = UserBatch(
        1, 1, 0, names, folded([1] * len(names), [window("recent", vectors)], written_users=[])
    )
    read = []

    def before(db: psycopg.Connection) -> None:
        db.execute("ANALYZE interestream.user_windows")
        for _ in range(10):  # psycopg prepares at the fifth run, Postgres keeps the plan later
            write_user_batch(db, deletion)

    def after(db: psycopg.Connection) -> None:
        write_user_batch(db, replace(deletion, users=["u7"]))
        read.extend(
            db.execute(
                "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables"
                " WHERE relname = 'user_windows'"
            ).fetchall()
        )

    connection = RetryingConnection(Database(dsn=SecretStr(job_dsn)))
    for transaction in (before, lambda db: write_user_batch(db, fill), after):
        connection.run(transaction)
    connection.close()
    assert read == [(0, 1)]
    assert rows(job_dsn, "SELECT count(*) FROM interestream.user_windows") == [(499,)]


def test_rows_of_another_space_are_left_alone(job_dsn):
    write(job_dsn, batch(5, EAST), replace(batch(9, None), space_id=2))
    assert rows(job_dsn, "SELECT space_id FROM interestream.user_windows") == [(1,)]


def test_only_written_users_have_their_own_row_written(job_dsn):
    names = ["ada", "bob", "cleo"]
    write(job_dsn, UserBatch(1, 1, 0, names, folded([4, 5, 6], [], written_users=[0, 2])))
    assert rows(job_dsn, "SELECT user_id, events, version FROM interestream.users ORDER BY 1") == [
        ("ada", 4, 4),
        ("cleo", 6, 6),
    ]


def test_interests_of_any_name_keep_their_order(job_dsn):
    odd = ['qu"ote', "back\\slash", "日本", "{a,b}", ""]
    odd_interests = [(name, 1 / (n + 3), n) for n, name in enumerate(odd)]
    expected = replace(
        folded([1, 1], [], written_users=[0, 1]),
        interests=interests([odd_interests, []], columns=6),
    )
    write(job_dsn, UserBatch(1, 1, 0, ["ada", "bob"], expected))
    found = rows(
        job_dsn,
        "SELECT interest_items, interest_weights, interest_sizes FROM interestream.users"
        " ORDER BY user_id",
    )
    assert found == [
        (odd, pytest.approx([1 / (n + 3) for n in range(5)], rel=1e-6), list(range(5))),
        ([], [], []),
    ]


def test_opted_out_users_leave_no_vectors_and_forgotten_users_no_rows(job_dsn):
    names = ["ada", "bob", "cleo"]
    windows = [window("recent", dict.fromkeys(range(3), EAST))]
    user_items = user_item_rows(
        names,
        ["east"] * 3,
        np.ones(3, dtype=np.int64),
        np.full(3, NOON_MS),
        np.arange(3, dtype=np.uint64),
        np.ones(3),
        np.zeros(3, dtype=bool),
    )
    write(
        job_dsn,
        UserBatch(1, 1, 0, names, folded([1, 1, 1], windows, written_users=[0, 1, 2]), user_items),
        UserBatch(1, 1, 0, opted_out=["bob"], forgotten=["cleo"]),
    )
    for table, left in (
        ("users", ["ada"]),
        ("user_windows", ["ada"]),
        ("user_items", ["ada", "bob"]),
    ):
        query = f"SELECT user_id FROM interestream.{table} ORDER BY 1"
        assert [user for (user,) in rows(job_dsn, query)] == left


def test_the_topics_by_day_go_with_users_who_are_gone(job_dsn):
    """Who opts out, is forgotten, or is merged into another user (whose old rows go likewise)."""
    with psycopg.connect(job_dsn) as db:
        for user in ("ada", "bob", "cleo", "dan"):
            for space in (1, 2):
                keep_day(db, user, date(2026, 3, 1), {"music": 1.0}, space=space)
    merge = UserBatch(1, 1, 0, merged=[("dan", "ada")], opted_out=["dan"])
    write(job_dsn, UserBatch(1, 1, 0, opted_out=["bob"], forgotten=["cleo"]), merge)
    # The job of another space deletes its own rows when it reads the command.
    assert rows(
        job_dsn, "SELECT user_id, space_id FROM interestream.user_topic_history ORDER BY 1, 2"
    ) == [("ada", 1), ("ada", 2), ("bob", 2), ("dan", 2)]


def test_the_counters_are_those_of_the_last_batch_written(job_dsn):
    counters = Progress(21, 1, 2, 3, 4, 11, 6, -5)
    earlier = UserBatch(1, 1, 0, progress={"events": Progress(99, unwritten=9)})
    write(job_dsn, earlier, UserBatch(1, 1, 0, progress={"events": counters}))
    assert rows(
        job_dsn,
        "SELECT records_in, duplicates, dead_letters, waiting, applied, excluded, unwritten,"
        " moved FROM interestream.job_progress",
    ) == [astuple(counters)]


def test_dead_letters_are_numbered_up_to_the_count(job_dsn):
    first = UserBatch(
        1,
        1,
        0,
        progress={"events": Progress(2, dead_letters=2), "control": Progress(1, dead_letters=1)},
        dead={
            "events": [DeadLetter(b"a", "not_json"), DeadLetter(b"b", "not_json")],
            "control": [DeadLetter(b"c", "not_json")],
        },
    )
    second = UserBatch(
        1,
        1,
        0,
        progress={"events": Progress(3, dead_letters=3)},
        dead={"events": [DeadLetter(b"d", "not_json")]},
    )
    write(job_dsn, first, second, first, second)
    assert rows(
        job_dsn, "SELECT stream, seq, raw FROM interestream.dead_letters ORDER BY stream, seq"
    ) == [("control", 0, b"c"), ("events", 0, b"a"), ("events", 1, b"b"), ("events", 2, b"d")]


def test_a_failed_batch_writes_no_rows(job_dsn):
    expected = batch(1, EAST, dead={"events": [DeadLetter(b"a", "not_json")]})
    with pytest.raises(KeyError):
        write(job_dsn, expected)
    assert stored(job_dsn) == []
