"""A Postgres that is away for a while: the job waits, logs it, continues, and loses nothing."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import psutil
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.postgres import Server, embedded_postgres, start, stop
from jobs.local.stack import job_arguments, stack
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.spaces.build import build_space, documents
from sql.apply import apply
from tests.cluster.recomputed import compare_with_recomputation, threads_printed, wait_committed

CHUNK = 300


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, as durable as any."""
    made = start(tmp_path / "postgres")
    apply(made.dsn)
    yield made
    stop(made.data_dir)


def kill(server: Server) -> None:
    """Kill the server as a power failure does: it writes nothing more."""
    process = psutil.Process(server.pid)
    tree = [process, *process.children()]
    os.kill(server.pid, signal.SIGKILL)
    psutil.wait_procs(tree, timeout=20)


@pytest.mark.cluster
def test_nothing_is_lost_or_doubled_when_postgres_stops_and_comes_back(
    server: Server, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=21, users=200, events=6_000, items=200, days=10)
    space_id = build_space(server.dsn, bundle_dir, documents(dataset.items()), sample=200)
    feed = DirectoryFeed(tmp_path / "streams")
    with LocalCluster(tmp_path / "cluster", server.dsn) as cluster:
        job_id = cluster.submit(
            job_arguments(bundle_dir, tmp_path, ["checkpoints.interval_ms=1000"])
        )
        cluster.wait_running(job_id)
        items = feed.write_items(dataset.items())
        wait_committed(server.dsn, space_id, "items", items)
        events, fed, number = dataset.events(), 0, 0
        waited_s: list[float] = []
        while chunk := list(islice(events, CHUNK)):
            fed += feed.write_events(chunk)
            number += 1
            if number == 6:
                # A clean shutdown within a batch; it starts again when Flink reports the wait.
                stop(server.data_dir)
                waited_s.append(_longest_wait_s(cluster, job_id))
                server = start(server.data_dir, port=server.port)
            elif number == 13:
                kill(server)
                time.sleep(3.0)
                server = start(server.data_dir, port=server.port)
            time.sleep(0.2)
        wait_committed(server.dsn, space_id, "events", fed)
        status = cluster.rest.status(job_id)
        time.sleep(2.0)  # what waits for an item is joined
        wait_committed(server.dsn, space_id, "events", fed)
    assert compare_with_recomputation(dataset, server.dsn, space_id, bundle_dir).ok
    assert status is not None
    assert status.state == "RUNNING"
    # A machine under load may miss a heartbeat; the outage itself is waited for.
    assert "Postgres" not in (status.cause or ""), status
    assert waited_s[0] > 0, "the wait is a metric"
    log = _logs(tmp_path / "cluster" / "log")
    assert "Postgres did not take the batch" in log
    assert "the job goes on" in log
    assert server.password not in log


def _longest_wait_s(cluster: LocalCluster, job_id: str, timeout_s: float = 180.0) -> float:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = cluster.rest.metrics(job_id, "interestream.postgres_waiting_s")
        if longest_s := max(found.values(), default=0.0):
            return longest_s
        time.sleep(0.5)
    return 0.0


@pytest.mark.cluster
@pytest.mark.long
def test_an_outage_longer_than_its_patience_restarts_the_job_from_a_checkpoint_and_loses_nothing(
    server: Server, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=22, users=100, events=1_500, items=100, days=5)
    # A restart that is stuck fails by its checkpoints.
    overrides = [
        "database.patience_s=3",
        "checkpoints.interval_ms=500",
        "checkpoints.timeout_ms=20000",
        "checkpoints.max_failures=1",
    ]
    with stack(
        server.dsn, bundle_dir, documents(dataset.items()), tmp_path / "job", overrides=overrides
    ) as running:
        items = running.feed.write_items(dataset.items())
        wait_committed(server.dsn, running.space_id, "items", items)
        events = list(dataset.events())
        running.feed.write_events(events[:700])
        wait_committed(server.dsn, running.space_id, "events", 700)
        stop(server.data_dir)
        running.feed.write_events(events[700:])
        deadline = time.monotonic() + 180
        while not (status := _status(running)) or not status.restarts:
            assert time.monotonic() < deadline, status
            time.sleep(0.2)
        server = start(server.data_dir, port=server.port)
        with threads_printed(running.job.log):
            wait_committed(server.dsn, running.space_id, "events", len(events))
        time.sleep(2.0)
        wait_committed(server.dsn, running.space_id, "events", len(events))
    assert status.cause is not None
    assert "Postgres did not take a batch for 3 s" in status.cause
    assert server.password not in _logs(running.job.log.parent)
    assert compare_with_recomputation(dataset, server.dsn, running.space_id, bundle_dir).ok


def _status(running):
    (job_id,) = running.job.rest.jobs()
    return running.job.rest.status(job_id)


@pytest.mark.cluster
@pytest.mark.long
def test_a_disk_that_fills_up_stops_nothing_for_good(
    small_disk: Path, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=23, users=100, events=1_500, items=100, days=5)
    settings = {"shared_buffers": "16MB", "max_wal_size": "32MB", "min_wal_size": "32MB"}
    with embedded_postgres(small_disk / "postgres", settings=settings) as server:
        apply(server.dsn)
        catalogue = documents(dataset.items())
        with stack(server.dsn, bundle_dir, catalogue, tmp_path / "job") as running:
            items = running.feed.write_items(dataset.items())
            wait_committed(server.dsn, running.space_id, "items", items)
            filler = small_disk / "filler"
            _fill(filler)
            events = running.feed.write_events(dataset.events())
            line = _wait_for_line(running.job.log.parent, "No space left on device", "refused")
            assert running.job.last_warning().startswith("Postgres did not take the batch")
            filler.unlink()
            if "refused" in line or not psutil.pid_exists(server.pid):
                # The server had no space for its write-ahead log and stopped.
                stop(server.data_dir)
                start(server.data_dir, port=server.port, settings=settings, dies_with_caller=True)
            wait_committed(server.dsn, running.space_id, "events", events)
            running.job.check(max_restarts=0)
            time.sleep(2.0)
            wait_committed(server.dsn, running.space_id, "events", events)
        assert compare_with_recomputation(dataset, server.dsn, running.space_id, bundle_dir).ok


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError:
            return


def _logs(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in sorted(folder.iterdir()))


def _wait_for_line(logs: Path, *words: str, timeout_s: float = 180.0) -> str:
    """The first line of the logs about a refused batch that has one of the words."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for line in _logs(logs).splitlines():
            if "Postgres did not take the batch" in line and any(word in line for word in words):
                return line
        time.sleep(0.2)
    raise AssertionError(f"none of {words} in {_logs(logs)[-3000:]}")
