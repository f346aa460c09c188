"""Files of the streams that checkpoints cover are removed, and nothing is lost by it."""

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.spaces.build import build_space, documents
from tests.cluster.backends import BACKENDS
from tests.cluster.recomputed import compare_with_recomputation, wait_committed

CHUNK = 300
DRAINED_BEFORE_CHUNK = (2, 7, 13)
"""All files are gone before these: the job runs, and its checkpoints cover what was fed."""
KILLED_BEFORE_CHUNK = (4, 9)
"""Some files wait then, some are being read, and some are covered or removed already."""
FROM_A_SAVEPOINT = 13
SETTINGS = ["checkpoints.interval_ms=1000", "sources.keep_s=1"]
LONG = b'{"event_id": "' + b"x" * 3_000_000 + b'"}'
FED_BY_COMMAND: list[Line] = [b'{"broken', LONG[:1_000_001], {"event_id": "e", "user_id": "u"}]


def until(condition: Callable[[], bool], what: str, timeout_s: float = 180.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def feed_by_command(streams: Path) -> None:
    lines = b'{"broken\n' + LONG + b'\n{"event_id": "e", "user_id": "u"}'
    command = [sys.executable, "-m", "jobs.cli", "feed", "events", "--streams", str(streams)]
    done = subprocess.run(command, input=lines, capture_output=True, timeout=60, check=False)
    assert b"3 lines in " in done.stdout
    assert b"3 of them cannot be accepted" in done.stdout
    assert done.returncode == 1


@pytest.mark.cluster
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_covered_files_go_and_neither_kills_nor_a_savepoint_lose_a_row(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=23, users=150, events=5_000, items=200, days=10)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=200)
    streams = tmp_path / "streams"
    feed = DirectoryFeed(streams)
    arguments = job_arguments(bundle_dir, tmp_path, SETTINGS)

    def files() -> set[Path]:
        return {file for file in streams.rglob("*") if file.is_file()}

    # Its checkpoints are the ones with most in their metadata.
    with LocalCluster(tmp_path / "cluster", dsn, options=BACKENDS["rocksdb"]) as cluster:
        job_id = cluster.submit(arguments)
        cluster.wait_running(job_id)
        items = feed.write_items(dataset.items())
        wait_committed(dsn, space_id, "items", items)
        events, fed, number = dataset.events(), 0, 0
        while chunk := list(islice(events, CHUNK)):
            if number in DRAINED_BEFORE_CHUNK:
                until(lambda: not files(), f"the job removes all files before chunk {number}")
            if number in KILLED_BEFORE_CHUNK:
                cluster.kill_task_manager()
                cluster.start_task_manager()
            if number == FROM_A_SAVEPOINT:
                restored = cluster.rest.checkpoints(job_id)["counts"]["restored"]
                savepoint = cluster.stop(job_id, tmp_path / "savepoints")
                cluster.kill_task_manager()
                cluster.start_task_manager()
                job_id = cluster.submit(arguments, savepoint)
                cluster.wait_running(job_id)
            fed += feed.write_events(chunk)
            number += 1
            time.sleep(0.5)
        feed_by_command(streams)
        fed += len(FED_BY_COMMAND)
        wait_committed(dsn, space_id, "events", fed)
        until(lambda: not files(), "the job removes all files after the savepoint")

        # While Postgres takes no batch no checkpoint completes, and what is fed then must stay.
        with psycopg.connect(dsn) as blocking:
            blocking.execute("LOCK TABLE interestream.job_progress IN EXCLUSIVE MODE")
            feed.write_events(FED_BY_COMMAND[:1])
            time.sleep(3.0)  # the first of the two may still get into a checkpoint
            before = files()
            feed.write_events(FED_BY_COMMAND[:1])
            (uncovered,) = files() - before
            time.sleep(8.0)
            assert uncovered in files()
            blocking.rollback()
        until(lambda: not files(), "the job removes the file when a checkpoint covers it")
        wait_committed(dsn, space_id, "events", fed + 2)
        status = cluster.rest.status(job_id)
    # What checkpoints share is what makes them incremental.
    assert any((tmp_path / "checkpoints").glob("*/shared/*"))
    assert restored >= len(KILLED_BEFORE_CHUNK), "each kill must have ended in a restore"
    assert number > FROM_A_SAVEPOINT + 2
    assert status is not None
    assert status.restarts == 0
    fed_lines = [*dataset.events(), *FED_BY_COMMAND, *FED_BY_COMMAND[:1] * 2]
    expected = Dataset("fed", items=dataset.items, events=lambda: iter(fed_lines))
    assert compare_with_recomputation(expected, dsn, space_id, bundle_dir).ok
