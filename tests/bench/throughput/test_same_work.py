"""Peers do the work of the job: their rows are the job's rows."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from bench.peers.columns import LineReader, join, split
from bench.peers.decayed_sums import DecayedSums
from bench.peers.postgres import WindowTable
from bench.throughput.peer import HALF_LIFE_MS, PEERS, PYTHON, peer_process
from bench.throughput.workload import Workload
from jobs.action_settings import DEFAULT_ACTIONS
from tests.builders import DIM, half, unit_rows
from tests.jobs.operators.builders import InterestWorld

WORKLOAD = Workload(users=40, events=900, items=12)
PEER_SPACE = 4_711
BUCKETS = 3


@pytest.fixture
def world(dsn: str) -> Iterator[InterestWorld]:
    """The job's own step has seen the workload."""
    items = dict(zip(item_ids(), vectors(), strict=True))
    with InterestWorld(dsn, items=items) as made:
        for lines in batches(70):
            made.events(*lines)
        yield made


def item_ids() -> list[str]:
    return [record["item_id"] for record in WORKLOAD.catalogue()]


def vectors() -> Any:
    return unit_rows(WORKLOAD.items, DIM)


def batches(size: int) -> Iterator[list[bytes]]:
    lines = WORKLOAD.lines()
    while some := list(islice(lines, size)):
        yield some


def weights() -> dict[str, float]:
    return {
        name: action.weight if action.sign > 0 else 0.0 for name, action in DEFAULT_ACTIONS.items()
    }


def assert_the_jobs_rows(world: InterestWorld) -> None:
    query = (
        "SELECT user_id, as_of, weight, embedding::text FROM interestream.user_windows"
        " WHERE space_id = %s AND kind = 'day' ORDER BY user_id"
    )
    job, peer = world.rows(query, world.space_id), world.rows(query, PEER_SPACE)
    assert len(job) > 30
    assert [row[:2] for row in peer] == [row[:2] for row in job]
    np.testing.assert_allclose([row[2] for row in peer], [row[2] for row in job], rtol=1e-5)
    np.testing.assert_allclose(numbers(peer), numbers(job), atol=2e-3)


def numbers(rows: list[tuple[Any, ...]]) -> list[list[float]]:
    return [[float(number) for number in row[3].strip("[]").split(",")] for row in rows]


def test_the_sums_and_rows_of_the_peers_are_those_of_the_job(world: InterestWorld) -> None:
    reader = LineReader(item_ids(), weights())
    sums = [DecayedSums(HALF_LIFE_MS, vectors()) for _ in range(BUCKETS)]
    table = WindowTable(world.dsn, PEER_SPACE)
    for number, lines in enumerate(batches(130)):
        for bucket, columns in split(reader.read(lines), BUCKETS):
            if number == 3:  # a restart in between changes nothing
                again = DecayedSums(HALF_LIFE_MS, vectors())
                again.restore(sums[bucket].snapshot())
                sums[bucket] = again
            table.write(bucket, sums[bucket].add(columns))
    table.close()
    assert_the_jobs_rows(world)


def test_split_and_join_keep_every_event_with_its_columns() -> None:
    whole = LineReader(item_ids(), weights()).read(list(WORKLOAD.lines()))
    parts = split(whole, BUCKETS)
    assert len(parts) == BUCKETS
    together = join([columns for _, columns in parts])
    assert sorted(rows_of(together)) == sorted(rows_of(whole))
    users = [set(columns.user_id) for _, columns in parts]
    assert not users[0] & users[1]
    assert not users[1] & users[2]


def rows_of(columns: Any) -> list[tuple[Any, ...]]:
    return list(
        zip(
            columns.user_id,
            columns.row.tolist(),
            columns.weight.tolist(),
            columns.time_ms.tolist(),
            strict=True,
        )
    )


@pytest.mark.skipif(not PYTHON.exists(), reason="the peers are not installed: make peers")
@pytest.mark.parametrize("batch_events", [0, 100])
@pytest.mark.parametrize("engine", PEERS)
def test_an_engine_writes_the_jobs_rows(
    engine: str, batch_events: int, world: InterestWorld, tmp_path: Path
) -> None:
    with peer_process(
        engine,
        world.dsn,
        PEER_SPACE,
        item_ids(),
        half(vectors()),
        tmp_path,
        100,
        batch_events,
    ) as check:
        folder = tmp_path / "streams" / "events"
        for number, lines in enumerate(batches(100)):
            hidden = tmp_path / "hidden"
            hidden.write_bytes(b"\n".join(lines) + b"\n")
            hidden.rename(folder / f"{number:04d}.ndjson")
        wait(world.dsn, check)
    assert_the_jobs_rows(world)


def wait(dsn: str, check: Any, target: int = WORKLOAD.events) -> None:
    deadline = time.monotonic() + 120
    with psycopg.connect(dsn, autocommit=True) as db:
        while True:
            row = db.execute(
                "SELECT sum(records_in) FROM interestream.job_progress WHERE space_id = %s",
                (PEER_SPACE,),
            ).fetchone()
            if row and row[0] == target:
                return
            check()
            assert time.monotonic() < deadline, row
            time.sleep(0.1)


@pytest.mark.skipif(not PYTHON.exists(), reason="the peers are not installed: make peers")
@pytest.mark.parametrize("engine", PEERS)
def test_an_engine_that_was_ended_continues_from_its_snapshot(
    engine: str, world: InterestWorld, tmp_path: Path
) -> None:
    """Their recovery is on while they are measured, and it works."""
    files = [b"\n".join(lines) + b"\n" for lines in batches(100)]
    for begin, end in ((0, 5), (5, len(files))):
        with peer_process(
            engine, world.dsn, PEER_SPACE, item_ids(), half(vectors()), tmp_path, 100, 0
        ) as check:
            for number in range(begin, end):
                hidden = tmp_path / "hidden"
                hidden.write_bytes(files[number])
                hidden.rename(tmp_path / "streams" / "events" / f"{number:04d}.ndjson")
            wait(world.dsn, check, min(end * 100, WORKLOAD.events))
    assert_the_jobs_rows(world)
