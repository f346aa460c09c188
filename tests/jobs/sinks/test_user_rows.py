"""A user batch in Postgres: the same twice, older ones held off, relations joined in any order."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import psycopg
import pytest
from pydantic import SecretStr

from jobs.config import Database
from jobs.core.interest.folded import Folded, InterestRows
from jobs.core.interest.user_batch import UserBatch
from jobs.core.interest.user_item_rows import UserItemRows, user_item_rows
from jobs.core.interest.user_rows import WindowRows
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress
from jobs.sinks.arrays import register_arrays
from jobs.sinks.connection import RetryingConnection
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.user_rows import write_user_batch
from tests.builders import EAST, NOON_MS, NORTH, UP, half

Vector = Sequence[float]


def write(dsn: str, *batches: UserBatch) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        register_arrays(db)
        register_halfvectors(db)
        for batch in batches:
            with db.transaction():
                write_user_batch(db, batch)


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return db.execute(query).fetchall()


def window(kind: str, vectors: Mapping[int, Vector], deleted: Sequence[int] = ()) -> WindowRows:
    """Rows of the users with vectors, and none of those who are `deleted`."""
    return WindowRows(
        kind,
        np.array(list(vectors), dtype=np.intp),
        np.full(len(vectors), NOON_MS),
        np.full(len(vectors), 3.0),
        half(list(vectors.values())).reshape(-1, 4),
        np.array(deleted, dtype=np.intp),
    )


def interests(
    expected: Sequence[Sequence[tuple[str, float, int]]], at_most: int = 4
) -> InterestRows:
    """Interests (item, share, size) of each user, in as many columns as there may be."""
    padded = [[*mine, *[("", 0.0, 0)] * (at_most - len(mine))] for mine in expected]
    return InterestRows(
        np.array([len(mine) for mine in expected], dtype=np.int64),
        [[mine[rank][0] for mine in padded] for rank in range(at_most)],
        np.array([[share for _, share, _ in mine] for mine in padded]).reshape(-1, at_most),
        np.array([[n for _, _, n in mine] for mine in padded], np.int64).reshape(-1, at_most),
    )


def folded(
    versions: Sequence[int], windows: Sequence[WindowRows], written_users: Sequence[int] = (0,)
) -> Folded:
    """Users at these versions, of whom the rows of `written_users` are written."""
    return Folded(
        entries=[],
        version=np.array(versions),
        written_users=np.array(written_users, dtype=np.intp),
        events=np.array([versions[user] for user in written_users], dtype=np.int64),
        last_ms=np.full(len(written_users), NOON_MS),
        interests=interests([[("east", 0.75, 3)]] * len(written_users)),
        windows=list(windows),
        deferred=np.empty(0, dtype=np.intp),
    )


def batch(version: int, vector: Vector | None, *, epoch: int = 1, **more: Any) -> UserBatch:
    """Ada after `version` events: one window, or none any more."""
    rows = window("recent", {0: vector}) if vector else window("recent", {}, deleted=[0])
    return UserBatch(1, epoch, 0, ["ada"], folded([version], [rows]), **more)


def stored(dsn: str) -> list[tuple[Any, ...]]:
    return rows(
        dsn,
        "SELECT w.embedding::text, w.epoch, w.version, u.epoch, u.version, u.interest_items"
        " FROM interestream.user_windows AS w JOIN interestream.users AS u USING (user_id)",
    )


def test_the_same_batch_twice_is_one(job_dsn):
    letters = {"events": [DeadLetter(b"\x00\xff", "not_utf8", "byte 1", "ada")]}
    expected = batch(
        2, EAST, progress={"events": Progress(3, dead_letters=1, applied=2)}, dead=letters
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
    ("epoch", "version", "goes"),
    [(1, 5, True), (1, 6, True), (1, 4, False), (0, 99, False), (2, 1, True)],
)
def test_only_a_version_that_is_not_older_takes_a_row_away(job_dsn, epoch, version, goes):
    write(job_dsn, batch(5, EAST), batch(version, None, epoch=epoch))
    left = rows(job_dsn, "SELECT version FROM interestream.user_windows")
    assert left == ([] if goes else [(5,)])


def test_taking_away_what_is_not_there_is_fine(job_dsn):
    write(job_dsn, batch(1, None))
    assert rows(job_dsn, "SELECT events FROM interestream.users") == [(1,)]


def test_each_row_goes_to_its_user_and_kind_and_what_goes_is_of_its_kind_alone(job_dsn):
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


def test_a_window_goes_by_key_with_the_plan_of_an_empty_table(job_dsn):
    names = [f"u{number}" for number in range(500)]
    everyone = dict.fromkeys(range(len(names)), EAST)
    gone = batch(1, None)
    fill = UserBatch(
        1, 1, 0, names, folded([1] * len(names), [window("recent", everyone)], written_users=[])
    )
    read = []

    def before(db: psycopg.Connection) -> None:
        db.execute("ANALYZE interestream.user_windows")
        for _ in range(10):  # prepared from the fifth on; the plan is kept some runs later
            write_user_batch(db, gone)

    def after(db: psycopg.Connection) -> None:
        write_user_batch(db, replace(gone, users=["u7"]))
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


def test_only_the_users_who_are_told_have_their_own_row_written(job_dsn):
    names = ["ada", "bob", "cleo"]
    write(job_dsn, UserBatch(1, 1, 0, names, folded([4, 5, 6], [], written_users=[0, 2])))
    assert rows(job_dsn, "SELECT user_id, events, version FROM interestream.users ORDER BY 1") == [
        ("ada", 4, 4),
        ("cleo", 6, 6),
    ]


def test_interests_come_back_in_their_order_whatever_they_are_called(job_dsn):
    odd = ['qu"ote', "back\\slash", "日本", "{a,b}", ""]
    mine = [(name, 1 / (n + 3), n) for n, name in enumerate(odd)]
    expected = replace(
        folded([1, 1], [], written_users=[0, 1]), interests=interests([mine, []], at_most=6)
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


def test_who_withdraws_leaves_no_vectors_and_who_is_forgotten_leaves_nothing(job_dsn):
    names = ["ada", "bob", "cleo"]
    windows = [window("recent", dict.fromkeys(range(3), EAST))]
    relations = user_item_rows(
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
        UserBatch(1, 1, 0, names, folded([1, 1, 1], windows, written_users=[0, 1, 2]), relations),
        UserBatch(1, 1, 0, withdrawn=["bob"], forgotten=["cleo"]),
    )
    for table, left in (
        ("users", ["ada"]),
        ("user_windows", ["ada"]),
        ("user_items", ["ada", "bob"]),
    ):
        query = f"SELECT user_id FROM interestream.{table} ORDER BY 1"
        assert [user for (user,) in rows(job_dsn, query)] == left


def test_the_counters_are_those_of_the_last_batch_written(job_dsn):
    counters = Progress(21, 1, 2, 3, 4, 11, 6)
    earlier = UserBatch(1, 1, 0, progress={"events": Progress(99, unwritten=9)})
    write(job_dsn, earlier, UserBatch(1, 1, 0, progress={"events": counters}))
    assert rows(
        job_dsn,
        "SELECT records_in, duplicates, dead_letters, waiting, applied, excluded, unwritten"
        " FROM interestream.job_progress",
    ) == [astuple(counters)]


def test_letters_are_numbered_so_that_the_last_one_carries_the_count(job_dsn):
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


Said = tuple[str, int, int, int, float, bool]
"""item, mask, time, key, weight, undoes"""


def relation(said: Sequence[Said]) -> UserItemRows:
    items, mask, time_ms, key, weight, undoes = (list(column) for column in zip(*said, strict=True))
    return user_item_rows(
        ["ada"] * len(said),
        items,
        np.array(mask, dtype=np.int64),
        np.array(time_ms, dtype=np.int64),
        np.array(key, dtype=np.uint64),
        np.array(weight, dtype=np.float64),
        np.array(undoes, dtype=bool),
    )


@pytest.mark.parametrize("seed", range(8))
def test_relations_in_any_batches_and_any_number_of_times_join_to_the_same_rows(job_dsn, seed):
    chance = random.Random(seed)
    said: list[Said] = [
        (
            chance.choice(["east", "north"]),
            1 << chance.choice([0, 5, 62]),
            NOON_MS + chance.randrange(3),
            chance.choice([number, 2**64 - 1 - number]),
            *chance.choice([(0.0, False), (0.0, False), (3.0, False), (-0.5, False), (0.0, True)]),
        )
        for number in range(12)
    ]
    expected = []
    for item in sorted({row[0] for row in said}):
        mine = [row for row in said if row[0] == item]
        signed = sorted((row for row in mine if row[4] != 0 or row[5]), key=lambda row: row[2:4])
        newest = (signed[-1][4], signed[-1][2], signed[-1][3] - 2**63) if signed else (None,) * 3
        actions = 0
        for row in mine:
            actions |= row[1]
        times = [row[2] for row in mine]
        expected.append((item, actions, min(times), max(times), *newest))

    again = said + chance.sample(said, 5)
    chance.shuffle(again)
    parts = [again[:3], again[3:4], again[4:]]
    write(job_dsn, *(UserBatch(1, 1, 0, user_item_rows=relation(part)) for part in parts))
    assert (
        rows(
            job_dsn,
            "SELECT item_id, actions, (extract(epoch FROM first_at) * 1000)::bigint,"
            " (extract(epoch FROM last_at) * 1000)::bigint, signal,"
            " (extract(epoch FROM signal_at) * 1000)::bigint, signal_key"
            " FROM interestream.user_items ORDER BY item_id",
        )
        == expected
    )


def test_a_batch_that_fails_leaves_nothing(job_dsn):
    expected = batch(1, EAST, dead={"events": [DeadLetter(b"a", "not_json")]})
    with pytest.raises(KeyError):
        write(job_dsn, expected)
    assert stored(job_dsn) == []
