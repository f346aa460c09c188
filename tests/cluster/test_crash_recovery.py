"""The standalone cluster of the pip package, with TaskManagers that die."""

import time
from itertools import islice
from pathlib import Path

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray
from rich.console import Console

from bench.verify.compare import compare, read_prototypes
from bench.verify.recompute import recompute
from bench.verify.reference_encoder import ReferenceEncoder
from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents

CHUNK = 300
KILLED_BEFORE_CHUNK = (6, 14, 22)


@pytest.mark.cluster
@pytest.mark.long
def test_nothing_is_lost_or_doubled_when_task_managers_are_killed(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    # On the heap; `test_file_removal` has the same with RocksDB.
    dataset = simulated_dataset(seed=11, users=300, events=9_000, items=300, days=10)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=200)
    feed = DirectoryFeed(tmp_path / "streams")
    arguments = job_arguments(bundle_dir, tmp_path, ["checkpoints.interval_ms=1000"])
    with (
        LocalCluster(tmp_path / "cluster", dsn) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):
        job_id = cluster.submit(arguments)
        cluster.wait_running(job_id)
        items = feed.write_items(dataset.items())
        _wait(db, space_id, "items", items, cluster, job_id)
        events, fed, number = dataset.events(), 0, 0
        restores = []
        while chunk := list(islice(events, CHUNK)):
            if number in KILLED_BEFORE_CHUNK:
                # Some of the fed events are committed, some are not: the TaskManager is killed now.
                _wait(db, space_id, "events", fed - CHUNK, cluster, job_id)
                cluster.kill_task_manager()
                cluster.start_task_manager()
                restores.append(fed)
            fed += feed.write_events(chunk)
            number += 1
            time.sleep(0.2)
        _wait(db, space_id, "events", fed, cluster, job_id)
        counts = cluster.rest.checkpoints(job_id)["counts"]
        time.sleep(2.0)  # what waits for an item is joined
        _settle(db, space_id)
        kept = {file.parent.name for file in (tmp_path / "cluster" / "tmp").glob("*/tm_*")}
        # Those of the TaskManagers that were killed are gone.
        assert kept == {f"worker-{len(KILLED_BEFORE_CHUNK)}"}
    assert not (tmp_path / "cluster" / "tmp").exists()
    mean = _mean(dsn, space_id)
    encoder = ReferenceEncoder(bundle_dir, mean, console=Console(quiet=True))
    with psycopg.connect(dsn) as db:
        prototypes = read_prototypes(db, space_id)
    expected = recompute(
        dataset.items(),
        dataset.events(),
        vectors=encoder,
        now_ms=int(time.time() * 1000),
        prototypes=prototypes,
    )
    report = compare(expected, dsn, space_id)
    report.print(Console())
    assert report.ok
    assert len(restores) == len(KILLED_BEFORE_CHUNK)
    assert counts["restored"] >= 1, "at least one recovery must have started from a checkpoint"


def _wait(
    db: psycopg.Connection,
    space_id: int,
    stream: str,
    target: int,
    cluster: LocalCluster,
    job_id: str,
    timeout_s: float = 180.0,
) -> None:
    deadline = time.monotonic() + timeout_s
    while read_progress(db, space_id)[stream].records_in < target:
        if time.monotonic() > deadline:
            status = cluster.rest.status(job_id)
            pytest.fail(f"{stream}: {read_progress(db, space_id)[stream]} of {target}; {status}")
        time.sleep(0.05)


def _settle(db: psycopg.Connection, space_id: int, timeout_s: float = 60.0) -> None:
    """Wait for the rows that are written lazily."""
    deadline = time.monotonic() + timeout_s
    while left := read_progress(db, space_id)["events"].unwritten:
        assert time.monotonic() < deadline, f"{left} users have rows that were not written"
        time.sleep(0.1)


def _mean(dsn: str, space_id: int) -> NDArray[np.float32]:
    with psycopg.connect(dsn) as db:
        row = db.execute(
            "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
        ).fetchone()
    assert row is not None
    return np.array(row[0], dtype=np.float32)
