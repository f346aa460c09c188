"""A TaskManager that dies, or stands still, in the middle of a commit."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.terminal import until

ROWS = (
    "SELECT user_id, events, epoch, version FROM interestream.users",
    "SELECT user_id, kind, embedding::text, weight, version FROM interestream.user_windows"
    " ORDER BY kind",
    "SELECT stream, bucket, records_in, applied, task_start, committed_at"
    " FROM interestream.job_progress WHERE stream = 'events'",
    "SELECT stream, bucket, seq, raw FROM interestream.dead_letters ORDER BY stream, bucket, seq",
)


class World:
    """A job on two TaskManagers of one slot, of which it needs one; and what it has written."""

    def __init__(
        self, folder: Path, dsn: str, cluster: LocalCluster, job_id: str, space_id: int
    ) -> None:
        self.cluster = cluster
        self.dsn = dsn
        self.db = psycopg.connect(dsn, autocommit=True)
        self._job_id = job_id
        self._space_id = space_id
        self._feed = DirectoryFeed(folder / "streams")
        self._fed = 0

    def feed(self) -> None:
        """Another event of ada, and a broken line."""
        if not self._fed:
            self._feed.write_items([item_line("tea", title="A book about tea")])
        self._fed += 1
        time_ms = NOON_MS + self._fed
        event = event_line(str(self._fed), user_id="ada", item_id="tea", event_time=time_ms)
        broken = event_line(f"broken-{self._fed}", user_id="ada", item_id="tea", event_time="noon")
        self._feed.write_events([event, broken])

    def wait(self, what: str) -> None:
        """Until all that was fed is committed, each line once."""
        until(lambda: self._events() >= self._fed, what, timeout_s=300.0)
        done = read_progress(self.db, self._space_id)["events"]
        assert (done.applied, done.dead_letters, done.duplicates) == (self._fed, self._fed, 0)
        assert self._events() == self._fed

    def rows(self) -> list[list[tuple[Any, ...]]]:
        return [self.db.execute(query).fetchall() for query in ROWS]

    def worker(self) -> str:
        """The id of the TaskManager that runs the job."""
        names = self.cluster.rest.task_managers_of(self._job_id)
        assert names is not None
        (name,) = names
        return name

    def wait_session(self, pid: int, state: str | None) -> None:
        """Until the session with the process id is in the state; None: until it is gone."""

        def now() -> str | None:
            query = "SELECT state FROM pg_stat_activity WHERE pid = %s"
            row = self.db.execute(query, (pid,)).fetchone()
            return None if row is None else str(row[0])

        until(lambda: now() == state, f"session {pid}: {state}, and not {now()}")

    @contextmanager
    def held_commit(self) -> Iterator[int]:
        """The writer of users is held in the middle of its transaction; yields its session."""
        with psycopg.connect(self.dsn) as holder:
            holder.execute("SELECT FROM interestream.users WHERE user_id = 'ada' FOR UPDATE")
            self.feed()
            found: list[int] = []

            def waits() -> bool:
                found[:] = [
                    pid
                    for (pid,) in self.db.execute(
                        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        " AND application_name = 'interestream-job'"
                        " AND datname = current_database()"
                    )
                ]
                return bool(found)

            until(waits, "a transaction of the job that waits")
            yield found[0]
            holder.rollback()

    def _events(self) -> int:
        row = self.db.execute("SELECT events FROM interestream.users").fetchone()
        return 0 if row is None else int(row[0])


def process_of(name: str) -> psutil.Process:
    """The JVM of a TaskManager."""
    (found,) = (
        process
        for process in psutil.Process().children(recursive=True)
        if process.name() == "java"
        and process.status() != psutil.STATUS_ZOMBIE
        and any(word.endswith(f"taskmanager.resource-id={name}") for word in process.cmdline())
    )
    return found


@pytest.fixture
def world(dsn: str, bundle_dir: Path, tmp_path: Path) -> Iterator[World]:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    with LocalCluster(tmp_path / "cluster", dsn, task_managers=2) as cluster:
        job_id = cluster.submit(
            job_arguments(bundle_dir, tmp_path, ["checkpoints.interval_ms=1000"])
        )
        cluster.wait_running(job_id)
        yield World(tmp_path, dsn, cluster, job_id, space_id)


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_what_dies_or_stands_still_amid_a_commit_neither_loses_nor_overwrites(
    world: World,
) -> None:
    world.feed()
    world.wait("the first event")

    with world.held_commit() as session:
        process_of(world.worker()).kill()
    world.wait_session(session, None)
    world.wait("the event whose commit was cut off by a death")
    world.cluster.start_task_manager()

    name = world.worker()
    stopped = process_of(name)
    try:
        with world.held_commit() as session:
            stopped.send_signal(signal.SIGSTOP)
        # It holds the locks of what it has written, until Postgres ends it.
        world.wait_session(session, "idle in transaction")
        world.wait_session(session, None)
        world.wait("the event whose commit was cut off by silence")
        world.feed()
        world.wait("an event of the task in its place")
        assert world.worker() != name
        before = world.rows()
    finally:
        stopped.send_signal(signal.SIGCONT)
    # Its slot is free when its tasks have ended, whether they were refused or cancelled.
    until(lambda: world.cluster.rest.free_slots().get(name) == 1, "the end of the old tasks")
    assert world.rows() == before
    world.feed()
    world.wait("an event after all of it")
