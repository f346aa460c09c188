"""A space that is deleted by force while its job runs: the job ends, and no row is left."""

import time
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.spaces.build import build_space, documents
from jobs.spaces.change.retire import retire_space
from tests.cluster.recomputed import wait_committed
from tests.sql.builders import add_space

TABLES = (
    "users",
    "user_windows",
    "item_vectors",
    "item_neighbors",
    "trends",
    "trend_windows",
    "learned_weights",
    "learning",
    "job_progress",
    "dead_letters",
)


@pytest.mark.cluster
@pytest.mark.long
def test_the_job_of_a_space_that_is_gone_ends_and_leaves_no_row(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=31, users=60, events=1_200, items=60, days=5)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=60)
    feed = DirectoryFeed(tmp_path / "streams")
    settings = ["checkpoints.interval_ms=1000"]
    with LocalCluster(tmp_path / "cluster", dsn) as cluster:
        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, settings))
        cluster.wait_running(job_id)
        items = feed.write_items(dataset.items())
        wait_committed(dsn, space_id, "items", items)
        events = list(dataset.events())
        feed.write_events(events[:800])
        with psycopg.connect(dsn, autocommit=True) as db:
            other = add_space(db, sha256="bb")
            db.execute("SELECT interestream.activate_space(%s)", [other])
            # The job is in the midst of its writes.
            feed.write_events(events[800:])
            retire_space(db, space_id, force=True)
            deadline = time.monotonic() + 120
            while (status := cluster.rest.status(job_id)) is None or status.state != "FAILED":
                assert time.monotonic() < deadline, status
                time.sleep(0.2)
            left = {
                table: db.execute(
                    f"SELECT count(*) FROM interestream.{table} WHERE space_id = %s".encode(),
                    [space_id],
                ).fetchone()
                for table in TABLES
            }
            sessions = db.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'interestream-%'"
            ).fetchone()
    assert left == dict.fromkeys(TABLES, (0,))
    assert sessions == (0,)
    assert status.restarts == 0
    assert status.cause is not None
    assert f"space {space_id} was deleted while its job ran" in status.cause
    assert "interestream space status" in status.cause
    print(status)
