"""The part of the benchmark that measures state, memory, checkpoints, start-up and recovery."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from rich.console import Console

from bench.harness.figures import Figure
from bench.harness.our_job import BENCH_HOME, STORE
from bench.harness.progress import run_bar
from bench.throughput.measure import Plan, Snapshot, link, peak_memory_mb, series, watch
from bench.throughput.profiles import PROFILES
from bench.throughput.workload import FILE_LINES, Workload, resplit
from jobs.datasets.feed import DirectoryFeed
from jobs.errors import ReplayStalledError
from jobs.local.stack import HOME, fresh_postgres, job_arguments
from jobs.runtime.flink_rest import FlinkRest
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents
from model_export.ensure import ensure_bundle

INPUT = BENCH_HOME / "input"
FEED_EVERY_S = 0.1
FEED_EVENTS = 20


@dataclass(frozen=True)
class StateResult:
    """Times in seconds, sizes in bytes; the checkpoints are those before the first kill."""

    profile: str
    users: int
    events: int
    startup_s: float
    first_event_s: float
    checkpoint_bytes: list[int]
    """Before any event, after the first half of the events, after all of them."""
    checkpoint_s: list[float]
    recovery_s: list[float]
    """From the kill of the TaskManager to the next commit, for each kill."""
    snapshots: list[Snapshot] = field(repr=False)

    @property
    def bytes_per_user(self) -> float:
        """State at the end, without the state before the first event."""
        return (self.checkpoint_bytes[2] - self.checkpoint_bytes[0]) / self.users

    @property
    def bytes_per_event(self) -> float:
        """Growth of the state over the second half of the events, whose users were all known."""
        return (self.checkpoint_bytes[2] - self.checkpoint_bytes[1]) / (self.events / 2)

    def as_json(self) -> dict[str, Any]:
        """The raw results."""
        return {
            "profile": self.profile,
            "users": self.users,
            "events": self.events,
            "startup_s": self.startup_s,
            "first_event_s": self.first_event_s,
            "checkpoint_bytes": self.checkpoint_bytes,
            "checkpoint_s": self.checkpoint_s,
            "recovery_s": self.recovery_s,
            "bytes_per_user": self.bytes_per_user,
            "bytes_per_event": self.bytes_per_event,
            "peak_memory_mb": peak_memory_mb(self.snapshots),
            "series": series(self.snapshots),
        }

    def figures(self) -> list[Figure]:
        """Sizes, times and peak memory."""
        sizes = f"{self.users:,} users, {self.events:,} events"
        found = [
            Figure("state", "size per user", self.bytes_per_user, "bytes", detail=sizes),
            Figure("state", "growth per event", self.bytes_per_event, "bytes", detail=sizes),
            Figure(
                "state",
                "checkpoint, median",
                float(np.median(self.checkpoint_s)) * 1000,
                "ms",
                detail=f"longest {max(self.checkpoint_s) * 1000:,.0f} ms of"
                f" {len(self.checkpoint_s)}, {self.checkpoint_bytes[2] / 2**20:,.0f} MB",
            ),
            Figure("state", "start of the cluster to all tasks running", self.startup_s, "s"),
            Figure("state", "start of the cluster to first event", self.first_event_s, "s"),
            Figure(
                "state",
                "kill -9 of the TaskManager to the next commit",
                float(np.median(self.recovery_s)),
                "s",
                detail=f"longest {max(self.recovery_s):.1f} s of {len(self.recovery_s)}",
            ),
        ]
        return found + [
            Figure("state", f"peak memory, {kind}", megabytes, "MB")
            for kind, megabytes in peak_memory_mb(self.snapshots).items()
        ]


def run_state(
    profile: str,
    users: int,
    events: int,
    kills: int,
    console: Console,
    overrides: Sequence[str] = (),
) -> StateResult:
    """Measure on a standalone cluster with one TaskManager: start, two halves of events, kills.

    Raises ReplayStalledError when a step takes too long or the job fails.
    """
    workload = Workload(users, events)
    work_dir = BENCH_HOME / "state"
    shutil.rmtree(work_dir, ignore_errors=True)
    with (
        run_bar(console, f"state · {profile}", events) as bar,
        fresh_postgres(work_dir / "postgres") as server,
    ):
        bar.step("preparing")
        files = resplit(workload.files(INPUT), min(FILE_LINES, events // 2), work_dir / "input")
        half = len(files) // 2
        catalogue = workload.catalogue()
        bundle = ensure_bundle(HOME / "bundles", bar.step)
        space_id = build_space(server.dsn, bundle, documents(catalogue), store=STORE, index=False)
        feed = DirectoryFeed(work_dir / "streams")
        feed.write_items(catalogue)
        lines = _endless(workload)
        feed.write_events(islice(lines, 1))
        settings = [
            f"encoder.store={STORE.absolute()}",
            *PROFILES[profile],
            *overrides,
        ]
        bar.step("starting the cluster")
        began = time.perf_counter()
        with (
            LocalCluster(work_dir / "cluster", server.dsn) as cluster,
            psycopg.connect(server.dsn, autocommit=True) as db,
        ):
            job_id = cluster.submit(job_arguments(bundle, work_dir, settings))
            cluster.wait_running(job_id, timeout_s=300.0)
            startup_s = time.perf_counter() - began

            def check() -> None:
                status = cluster.rest.status(job_id)
                if status is not None and status.state == "FAILED":
                    raise ReplayStalledError(f"the job failed: {status.cause}")

            def applied() -> int:
                return read_progress(db, space_id)["events"].applied

            _until(lambda: applied() >= 1, "the first event", check)
            first_event_s = time.perf_counter() - began
            sizes = [_checkpoint_bytes(cluster.rest, job_id, check)]
            bar.step("first half of the events")
            folder, plan = feed.root / "events", Plan(events, 0.0, 600.0)
            snapshots: list[Snapshot] = []
            for some in (files[:half], files[half:]):
                total = _records_after(db, some)
                release = partial(link, some, folder)
                snapshots = watch(db, release, total, plan, check, bar.move)
                bar.step("waiting for a checkpoint")
                sizes.append(_checkpoint_bytes(cluster.rest, job_id, check))
            history = cluster.rest.checkpoints(job_id).get("history", [])
            checkpoint_s = [
                one["end_to_end_duration"] / 1000 for one in history if one["status"] == "COMPLETED"
            ]
            recovery_s = []
            for number in range(kills):
                bar.step(f"kill {number + 1} of {kills}")
                recovery_s.append(_kill(cluster, feed, db, lines, check))
    shutil.rmtree(work_dir, ignore_errors=True)
    return StateResult(
        profile,
        users,
        events,
        startup_s,
        first_event_s,
        sizes,
        checkpoint_s,
        recovery_s,
        snapshots,
    )


def _records_after(db: psycopg.Connection, files: Sequence[Path]) -> int:
    """Number of events that are committed once these files are."""
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    return _records_in(db) + lines


def _records_in(db: psycopg.Connection) -> int:
    row = db.execute(
        "SELECT coalesce(sum(records_in), 0)::bigint FROM interestream.job_progress"
        " WHERE stream = 'events'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _endless(workload: Workload) -> Iterator[bytes]:
    """The workload's lines again and again, with event ids that never repeat."""
    while True:
        for number, line in enumerate(workload.lines()):
            prefix = b'"event_id":"%d-%d-' % (time.monotonic_ns(), number)
            yield line.replace(b'"event_id":"', prefix, 1)


def _checkpoint_bytes(rest: FlinkRest, job_id: str, check: Callable[[], None]) -> int:
    """Size of the state in the next checkpoint."""
    begun_ms = time.time() * 1000
    sizes: list[int] = []

    def completed() -> bool:
        latest = rest.checkpoints(job_id).get("latest", {}).get("completed") or {}
        if latest.get("trigger_timestamp", 0) >= begun_ms:
            sizes.append(latest["state_size"])
        return bool(sizes)

    _until(completed, "a checkpoint", check)
    return sizes[0]


def _kill(
    cluster: LocalCluster,
    feed: DirectoryFeed,
    db: psycopg.Connection,
    lines: Iterator[bytes],
    check: Callable[[], None],
) -> float:
    """Seconds from a kill of the TaskManager to the next commit, while a few events flow."""
    stop = threading.Event()

    def trickle() -> None:
        while not stop.is_set():
            feed.write_events(islice(lines, FEED_EVENTS))
            time.sleep(FEED_EVERY_S)

    feeder = threading.Thread(target=trickle, daemon=True)
    feeder.start()
    try:
        before = _records_in(db)
        _until(lambda: _records_in(db) > before + FEED_EVENTS, "the trickle", check)
        cluster.kill_task_manager()
        killed_s = time.perf_counter()
        cluster.start_task_manager()
        # Postgres may still commit a batch of the killed TaskManager.
        time.sleep(0.2)
        committed = _records_in(db)
        _until(lambda: _records_in(db) > committed, "a commit after the kill", check)
        return time.perf_counter() - killed_s
    finally:
        stop.set()
        feeder.join()


def _until(
    holds: Callable[[], bool], what: str, check: Callable[[], None], timeout_s: float = 300.0
) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        check()
        if time.monotonic() > deadline:
            raise ReplayStalledError(f"{what} did not come within {timeout_s:.0f} s")
        time.sleep(0.05)
