"""Users are merged while a job of two slots runs and a TaskManager is killed."""

import time
from itertools import islice
from pathlib import Path

import numpy as np
import psycopg
import pytest
from rich.console import Console

from bench.verify.compare import compare, read_prototypes
from bench.verify.recompute import recompute
from bench.verify.reference_encoder import ReferenceEncoder
from jobs.core.user_bucket import bucket_of
from jobs.datasets.dataset import Line
from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents
from tests.cluster.stored_savepoint import until

CHUNK = 250
MERGED_BEFORE_CHUNK = (3, 6, 9)
KILLED_BEFORE_CHUNK = 7
BUCKETS = 4


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(900)
def test_merged_users_are_one_although_a_task_manager_is_killed(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=12, users=80, events=4_000, items=200, days=10)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=200)
    users = sorted({user for one in dataset.events() if (user := _user_of(one))})[:60]
    pairs = list(zip(users[::2], users[1::2], strict=True))
    # A chain: what was merged into the second user goes on to another one.
    merges = [(user, into) for user, into in pairs] + [(pairs[0][1], users[-1] + "-2")]
    assert len({bucket_of(user, BUCKETS) for pair in pairs for user in pair}) == BUCKETS
    commands = [{"user_id": user, "command": "merge", "into": into} for user, into in merges]
    feed = DirectoryFeed(tmp_path / "streams")
    settings = ["checkpoints.interval_ms=1000", "batching.parallelism=2"]
    with (
        LocalCluster(tmp_path / "cluster", dsn, task_managers=2) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):

        def wait(stream: str, target: int) -> None:
            until(
                lambda: read_progress(db, space_id)[stream].records_in >= target,
                f"{target} {stream} must be read",
            )

        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, settings))
        cluster.wait_running(job_id)
        wait("items", feed.write_items(dataset.items()))
        events, fed, sent, number = dataset.events(), 0, 0, 0
        while chunk := list(islice(events, CHUNK)):
            if number in MERGED_BEFORE_CHUNK:
                share = -(-len(commands) // len(MERGED_BEFORE_CHUNK))
                sent += feed.write_control(commands[sent : sent + share])
            if number == KILLED_BEFORE_CHUNK:
                wait("events", fed - CHUNK)
                cluster.kill_task_manager()
                cluster.start_task_manager()
            fed += feed.write_events(chunk)
            number += 1
            time.sleep(0.5)
        assert sent == len(commands)
        wait("control", sent)
        wait("events", fed)
        until(lambda: _is_at_rest(db, space_id), "rows are unwritten, or transfers on their way")
        status = cluster.rest.status(job_id)
        (mean,) = db.execute(
            "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
        ).fetchone() or ([],)
        prototypes = read_prototypes(db, space_id)
        transfers = db.execute("SELECT count(*) FROM interestream.transfers").fetchone()
    expected = recompute(
        dataset.items(),
        dataset.events(),
        commands,
        vectors=ReferenceEncoder(
            bundle_dir, np.array(mean, dtype=np.float32), console=Console(quiet=True)
        ),
        now_ms=int(time.time() * 1000),
        prototypes=prototypes,
    )
    report = compare(expected, dsn, space_id)
    report.print(Console())
    assert report.ok
    assert transfers == (0,)
    assert status is not None
    assert status.restarts >= 1


def _user_of(record: Line) -> str:
    """The user of a record; empty for a line that is broken."""
    found = record.get("user_id") if isinstance(record, dict) else None
    return found if isinstance(found, str) else ""


def _is_at_rest(db: psycopg.Connection, space_id: int) -> bool:
    """Whether nothing is unwritten or moving, now and a second later."""
    for _ in range(2):
        progress = read_progress(db, space_id)["events"]
        if progress.unwritten or progress.moved:
            return False
        time.sleep(1.0)
    return True
