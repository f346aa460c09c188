"""Two JobManagers: one leads, and the other one takes over with the job as it was."""

import subprocess
import sys
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
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.recomputed import compare_with_recomputation, wait_committed
from tests.cluster.site import Site
from tests.cluster.terminal import until

CHUNK = 300
KILLED_AT = 5


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


def wait_job(site: Site, name: str, job_id: str) -> None:
    """Until the JobManager answers with the job, be it as the leader or for the leader."""
    until(lambda: site.rest(name).jobs() == [job_id], f"the job at {name}")


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_the_standby_takes_the_job_over_when_the_leader_is_killed(
    site: Site, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=31, users=200, events=3_000, items=200, days=10)
    space_id = build_space(dsn, bundle_dir, documents(dataset.items()), sample=200)
    feed = DirectoryFeed(tmp_path / "streams")
    site.zookeeper.start()
    site.job_manager("first")
    site.task_manager("worker")
    items = feed.write_items(dataset.items())
    wait_committed(dsn, space_id, "items", items)
    site.job_manager("second")
    (job_id,) = site.rest("first").jobs()
    wait_job(site, "second", job_id)
    events, fed, number = dataset.events(), 0, 0
    while chunk := list(islice(events, CHUNK)):
        if number == KILLED_AT:
            # Some of the fed events are committed, some are not.
            site.kill("first")
        fed += feed.write_events(chunk)
        number += 1
        time.sleep(0.2)
    wait_committed(dsn, space_id, "events", fed)
    assert site.rest("second").jobs() == [job_id]
    restored = site.rest("second").checkpoints(job_id)["latest"]["restored"]
    assert not restored["is_savepoint"]
    assert restored["external_path"].startswith(f"file:{tmp_path}/checkpoints/{job_id}/chk-")
    time.sleep(2.0)  # what waits for an item is joined
    wait_committed(dsn, space_id, "events", fed)
    assert compare_with_recomputation(dataset, dsn, space_id, bundle_dir).ok


class Ada:
    """Feeds events of one user, and waits until each of them is applied, once."""

    def __init__(self, folder: Path, dsn: str, space_id: int) -> None:
        self._feed = DirectoryFeed(folder / "streams")
        self._db = psycopg.connect(dsn, autocommit=True)
        self._space_id = space_id
        self.fed = 0

    def go_on(self, what: str) -> None:
        """Feed an event and wait for it."""
        if not self.fed:
            self._feed.write_items([item_line("tea", title="A book about tea")])
        self.fed += 1
        time_ms = NOON_MS + self.fed
        self._feed.write_events(
            [event_line(str(self.fed), user_id="ada", item_id="tea", event_time=time_ms)]
        )
        until(lambda: self._events() >= self.fed, what, timeout_s=300.0)
        assert self._events() == self.fed
        assert read_progress(self._db, self._space_id)["events"].duplicates == 0

    def _events(self) -> int:
        row = self._db.execute("SELECT events FROM interestream.users").fetchone()
        return 0 if row is None else int(row[0])


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_the_job_outlives_each_fault_and_ends_with_its_standby_when_it_is_stopped(
    site: Site, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    ada = Ada(tmp_path, dsn, space_id)
    site.zookeeper.start()
    site.job_manager("first")
    site.task_manager("worker")
    ada.go_on("the first event")
    site.job_manager("second")
    (job_id,) = site.rest("first").jobs()
    wait_job(site, "second", job_id)

    site.kill("second")
    ada.go_on("an event without a standby")
    site.job_manager("second")
    wait_job(site, "second", job_id)

    with site.paused("first"):
        ada.go_on("an event while the leader stands still")
    ada.go_on("an event after the old leader woke up")
    if site.exit_code("first") is not None:
        site.job_manager("first")
    wait_job(site, "first", job_id)

    site.zookeeper.kill()
    until(lambda: site.rest("second").jobs() != [job_id], "the leader gives the job up")
    site.zookeeper.start()
    ada.go_on("an event after the return of ZooKeeper")
    for name in ("first", "second"):
        if site.exit_code(name) is not None:
            site.job_manager(name)
    for name in ("first", "second"):
        wait_job(site, name, job_id)

    command = ["stop", "--jobmanager", site.rest("second").address]
    command += ["--savepoints", str(tmp_path / "checkpoints")]
    subprocess.run([sys.executable, "-m", "jobs.cli", *command], check=True)
    until(lambda: site.exit_code("first") == site.exit_code("second") == 0, "the end of both")
    site.job_manager("first")
    ada.go_on("an event after the stop")
