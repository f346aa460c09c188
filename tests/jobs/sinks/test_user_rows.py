"""A user batch in Postgres: the same twice, older ones held off, relations joined in any order."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg
import pytest

from jobs.core.events import DeadLetter
from jobs.core.fold import Folded, UserInterest
from jobs.core.progress import Progress
from jobs.core.relation import RelationRows, relation_rows
from jobs.core.user_rows import WindowRows
from jobs.sinks.halfvec_array import register_halfvectors
from jobs.sinks.user_rows import UserBatch, write_user_batch
from tests.builders import EAST, NOON_MS, NORTH, half

KINDS = ("recent", "dislikes")


def write(dsn: str, *batches: UserBatch) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        register_halfvectors(db)
        for batch in batches:
            with db.transaction():
                write_user_batch(db, batch)


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return db.execute(query).fetchall()


def folded(version: int, vector: Sequence[float], kinds: Sequence[int] = (0,)) -> Folded:
    """Ada after ``version`` events: one window of each kind, with one vector."""
    count = len(kinds)
    return Folded(
        entries=[],
        version=np.array([version]),
        last_ms=np.array([NOON_MS]),
        windows=WindowRows(
            user=np.zeros(count, dtype=np.intp),
            kind=np.array(kinds, dtype=np.intp),
            as_of=np.full(count, NOON_MS),
            weight=np.full(count, float(version)),
            vector=np.array([half(vector)] * count),
        ),
        interests=[[UserInterest("east", 0.75, 3)]],
    )


def batch(version: int, vector: Sequence[float], *, epoch: int = 1, **more: Any) -> UserBatch:
    return UserBatch(1, epoch, 0, KINDS, ["ada"], folded(version, vector), **more)


def stored(dsn: str) -> list[tuple[Any, ...]]:
    return rows(
        dsn,
        "SELECT w.embedding::text, w.epoch, w.version, u.epoch, u.version, u.interest_items"
        " FROM interestream.user_windows AS w JOIN interestream.users AS u USING (user_id)",
    )


def test_the_same_batch_twice_is_one(job_dsn):
    letters = {"events": [DeadLetter(b"\x00\xff", "not_utf8", "byte 1", "ada")]}
    told = batch(2, EAST, progress={"events": Progress(3, dead_letters=1, applied=2)}, dead=letters)
    write(job_dsn, told, told)
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


def test_kinds_are_named_by_their_number(job_dsn):
    told = UserBatch(1, 1, 0, KINDS, ["ada"], folded(1, EAST, kinds=(1, 0)))
    write(job_dsn, told)
    assert rows(job_dsn, "SELECT kind FROM interestream.user_windows ORDER BY kind") == [
        ("dislikes",),
        ("recent",),
    ]


def test_letters_are_numbered_so_that_the_last_one_carries_the_count(job_dsn):
    first = UserBatch(
        1,
        1,
        0,
        KINDS,
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
        KINDS,
        progress={"events": Progress(3, dead_letters=3)},
        dead={"events": [DeadLetter(b"d", "not_json")]},
    )
    write(job_dsn, first, second, first, second)
    assert rows(
        job_dsn, "SELECT stream, seq, raw FROM interestream.dead_letters ORDER BY stream, seq"
    ) == [("control", 0, b"c"), ("events", 0, b"a"), ("events", 1, b"b"), ("events", 2, b"d")]


Said = tuple[str, int, int, int, float]
"""item, mask, time, key, weight"""


def relation(said: Sequence[Said]) -> RelationRows:
    items, mask, time_ms, key, weight = (list(column) for column in zip(*said, strict=True))
    return relation_rows(
        ["ada"] * len(said),
        items,
        np.array(mask, dtype=np.int64),
        np.array(time_ms, dtype=np.int64),
        np.array(key, dtype=np.uint64),
        np.array(weight, dtype=np.float64),
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
            chance.choice([0.0, 0.0, 3.0, -0.5]),
        )
        for number in range(12)
    ]
    expected = []
    for item in sorted({row[0] for row in said}):
        mine = [row for row in said if row[0] == item]
        signed = sorted((row for row in mine if row[4] != 0), key=lambda row: row[2:4])
        newest = (signed[-1][4], signed[-1][2], signed[-1][3] - 2**63) if signed else (None,) * 3
        actions = 0
        for row in mine:
            actions |= row[1]
        times = [row[2] for row in mine]
        expected.append((item, actions, min(times), max(times), *newest))

    again = said + chance.sample(said, 5)
    chance.shuffle(again)
    parts = [again[:3], again[3:4], again[4:]]
    write(job_dsn, *(UserBatch(1, 1, 0, KINDS, relation=relation(part)) for part in parts))
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
    told = batch(1, EAST, dead={"events": [DeadLetter(b"a", "not_json")]})
    with pytest.raises(KeyError):
        write(job_dsn, told)
    assert stored(job_dsn) == []
