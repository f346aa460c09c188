"""A cluster that is kept, its processes stopped for longer than Flink waits for them, or killed."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from jobs.core.progress import Progress
from jobs.datasets.feed import DirectoryFeed
from jobs.runtime.kept_cluster import find_cluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.backends import BACKENDS
from tests.cluster.terminal import Terminal, java_process, until

PAUSE_S = 12.0
"""Longer than the `heartbeat.timeout` of 5 s."""


class Kept:
    """A job on a kept cluster, and what it has applied."""

    def __init__(self, folder: Path, dsn: str, bundle: Path) -> None:
        self.space_id = build_space(
            dsn, bundle, ["A book about tea", "A book about chess"], sample=2
        )
        self.terminal = Terminal(folder, dsn)
        self.folder = folder
        self.checkpoints = folder / "checkpoints"
        self.settings = [
            f"--set=encoder.bundle={bundle}",
            f"--set=sources.root={folder / 'streams'}",
            f"--set=checkpoints.directory={self.checkpoints}",
            "--set=checkpoints.interval_ms=1000",
        ]
        self._feed = DirectoryFeed(folder / "streams")
        self._db = psycopg.connect(dsn, autocommit=True)
        self.fed = 0

    @property
    def supervisor(self) -> int:
        cluster = find_cluster(self.folder / ".interestream" / "cluster")
        assert cluster is not None
        return cluster.pid

    def feed(self, count: int = 1) -> None:
        """Events, each a tenth of a second after the one before."""
        if not self.fed:
            self._feed.write_items([item_line("tea", title="A book about tea")])
        for _ in range(count):
            self.fed += 1
            event = event_line(
                str(self.fed), user_id="ada", item_id="tea", event_time=NOON_MS + self.fed
            )
            self._feed.write_events([event])
            time.sleep(0.1)

    def wait(self, what: str) -> None:
        """Until every event is applied, and each of them once."""
        until(lambda: self._progress().applied >= self.fed, what)
        assert self._progress().applied == self.fed
        assert self._progress().duplicates == 0
        until(lambda: self._events_of_ada() == self.fed, f"the row after {what}")

    def wait_checkpoint(self, after: Path | None = None) -> Path:
        """The newest complete checkpoint, which is of a later one than `after` in its job."""
        found: list[Path] = []

        def newer() -> bool:
            files = self.checkpoints.glob("*/chk-*/_metadata")
            found[:] = sorted((file.parent for file in files), key=number)
            return bool(found) and found[-1] != after

        until(newer, "a checkpoint")
        return found[-1]

    def close(self) -> None:
        self._db.close()
        self.terminal.run("cluster", "stop")

    def _progress(self) -> Progress:
        return read_progress(self._db, self.space_id)["events"]

    def _events_of_ada(self) -> int:
        row = self._db.execute("SELECT events FROM interestream.users").fetchone()
        return 0 if row is None else int(row[0])


@pytest.fixture
def kept(tmp_path: Path, dsn: str, bundle_dir: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path, dsn, bundle_dir)
    yield kept
    kept.close()


def pause(process: psutil.Process, kept: Kept) -> None:
    """Stop the process for PAUSE_S seconds, while events come."""
    process.send_signal(signal.SIGSTOP)
    ends = time.monotonic() + PAUSE_S
    try:
        while time.monotonic() < ends:
            kept.feed()
            time.sleep(1.0)
    finally:
        process.send_signal(signal.SIGCONT)


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_pause_longer_than_the_heartbeat_ends_by_itself(kept: Kept) -> None:
    kept.terminal.run("submit", *kept.settings)
    kept.feed(5)
    kept.wait("the events before")
    kept.wait_checkpoint()
    for role in ("TaskManager", "StandaloneSession"):
        process = java_process(kept.supervisor, role)
        pause(process, kept)
        kept.wait(f"the events during the pause of {role}")
        kept.feed(5)
        kept.wait(f"the events after the pause of {role}")
        # Nobody had to end it, neither a person nor the supervisor.
        assert java_process(kept.supervisor, role) == process
    assert kept.terminal.run("cluster", "status").count("running") == 1


def number(checkpoint: Path) -> int:
    """Its number; those of a job that goes on from a checkpoint follow the checkpoint's."""
    return int(checkpoint.name.removeprefix("chk-"))


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_submit_resume_brings_everything_back_when_the_job_manager_was_killed(kept: Kept) -> None:
    backend = [f"--flink={key}={value}" for key, value in BACKENDS["rocksdb"].items()]
    kept.terminal.run("cluster", "start", *backend)
    assert "holds no state: a new start" in kept.terminal.run("submit", "--resume", *kept.settings)
    kept.feed(5)
    kept.wait("the events before")
    taken = kept.wait_checkpoint(after=kept.wait_checkpoint())
    refused = kept.terminal.run("submit", "--resume", *kept.settings, code=2)
    assert f"of space {kept.space_id} is running" in refused

    kept_before = set(kept.checkpoints.iterdir())
    java_process(kept.supervisor, "StandaloneSession").kill()
    kept.feed(5)
    said = kept.terminal.run("submit", "--resume", *kept.settings)
    assert f"going on from {kept.checkpoints}" in said
    kept.wait("the events after the JobManager's death")
    (old,) = kept_before
    # Another one may have been begun when the JobManager was killed.
    retained = max((file.parent for file in old.glob("chk-*/_metadata")), key=number)
    assert number(retained) >= number(taken)
    before = {file: file.read_bytes() for file in old.rglob("*") if file.is_file()}
    kept.feed(5)
    kept.wait("further events")
    (new,) = set(kept.checkpoints.iterdir()) - kept_before
    until(
        lambda: max(map(number, new.glob("chk-*")), default=0) > number(retained) + 3, "checkpoints"
    )
    config = (kept.folder / ".interestream" / "cluster" / "conf" / "config.yaml").read_text()
    assert "rocksdb" in config  # started as the one before

    kept.terminal.run("stop", "--savepoints", str(kept.checkpoints))
    assert {file: file.read_bytes() for file in old.rglob("*") if file.is_file()} == before
    kept.feed(5)
    said = kept.terminal.run("submit", "--resume", *kept.settings)
    assert f"going on from {kept.checkpoints}/savepoint-" in said
    kept.wait("the events after the savepoint")
