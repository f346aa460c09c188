"""Two JobManagers: one leads, and the other one takes over with the job as it was."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents
from tests.cluster.recomputed import compare_with_recomputation, wait_committed
from tests.cluster.site import Site
from tests.cluster.terminal import until

CHUNK = 300


@pytest.fixture
def site(tmp_path: Path, dsn: str, bundle_dir: Path) -> Iterator[Site]:
    settings = [
        f"encoder.bundle={bundle_dir}",
        f"sources.root={tmp_path / 'streams'}",
        f"checkpoints.directory={tmp_path / 'checkpoints'}",
        "checkpoints.interval_ms=1000",
    ]
    site = Site(tmp_path, dsn, settings)
    yield site
    site.stop()


@pytest.mark.cluster
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_the_standby_takes_the_job_over_when_the_leader_is_killed(
    site: Site, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=31, users=200, events=4_500, items=200, days=10)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=200)
    feed = DirectoryFeed(tmp_path / "streams")
    site.zookeeper.start()
    site.job_manager("first")
    site.task_manager("worker-1")
    items = feed.write_items(dataset.items())
    wait_committed(dsn, space_id, "items", items)
    site.job_manager("second")
    (job_id,) = site.rest("first").jobs()
    events, fed, number = dataset.events(), 0, 0
    while chunk := list(islice(events, CHUNK)):
        fed += feed.write_events(chunk)
        number += 1
        if number == 5:
            wait_committed(dsn, space_id, "events", fed - CHUNK)
            until(lambda: site.rest("second").jobs() == [job_id], "the standby speaks for it")
            site.kill("first")
            killed = time.monotonic()
            with psycopg.connect(dsn, autocommit=True) as db:
                before = read_progress(db, space_id)["events"].records_in
                print("at kill", before, fed)
            print("exit", site.exit_code("first"))
        time.sleep(0.2)
    wait_committed(dsn, space_id, "events", fed)
    print("all committed after", time.monotonic() - killed)
    assert site.rest("second").jobs() == [job_id]
    counts = site.rest("second").checkpoints(job_id)
    print(counts.get("counts"), counts.get("latest", {}).get("restored"))
    time.sleep(2.0)  # what waits for an item is joined
    wait_committed(dsn, space_id, "events", fed)
    assert compare_with_recomputation(dataset, dsn, space_id, bundle_dir).ok
    savepoint = site.rest("second").stop(job_id, (tmp_path / "checkpoints").as_uri())
    print("savepoint", savepoint)
    until(lambda: site.exit_code("second") is not None, "exit")
    print("exit", site.exit_code("second"))
