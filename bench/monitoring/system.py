"""A job with Flink's reporter on, `interestream serve` beside it, and a Prometheus for both."""

import contextlib
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bench.monitoring.prometheus import PrometheusServer
from jobs.datasets.feed import DirectoryFeed
from jobs.errors import EnvironmentNotReadyError
from jobs.local.stack import job_arguments
from jobs.metrics.settings import Metrics
from jobs.runtime import processes
from jobs.runtime.flink_options import reporter_options
from jobs.runtime.local_cluster import LocalCluster
from jobs.spaces.build import build_space

START_S = 120.0


@dataclass(frozen=True)
class System:
    """What runs."""

    cluster: LocalCluster
    job_id: str
    space_id: int
    feed: DirectoryFeed
    prometheus: PrometheusServer
    address: str
    """Where `interestream serve` answers."""


@contextlib.contextmanager
def watched_system(
    dsn: str,
    bundle: Path,
    documents: Sequence[str],
    folder: Path,
    *,
    settings: Sequence[str] = (),
    every: str = "1s",
    wait: str = "",
) -> Iterator[System]:
    """Run all of it until the block ends; the schema is applied to the database `dsn` before.

    `settings` are those of the job, `every` is how often Prometheus reads, `wait` how long alert
    rules wait (by default what they say). `interestream serve` has a login of its own, a member of
    interestream_reader.
    """
    metrics = Metrics(prometheus_port=processes.free_port() // 2 + 10_000)
    space_id = build_space(dsn, bundle, documents, sample=len(documents))
    feed = DirectoryFeed(folder / "streams")
    with contextlib.ExitStack() as stack:
        options = reporter_options(metrics)
        cluster = stack.enter_context(LocalCluster(folder / "cluster", dsn, options=options))
        job_id = cluster.submit(job_arguments(bundle, folder, settings))
        cluster.wait_running(job_id)
        reader = stack.enter_context(_reader(dsn))
        address = stack.enter_context(_serve(reader, folder, cluster.rest.address))
        targets = {
            "interestream-serve": [address],
            "interestream-flink": [f"127.0.0.1:{port}" for port in _answering(metrics.ports(), 2)],
        }
        prometheus = stack.enter_context(
            PrometheusServer(folder / "prometheus", targets, every=every, wait=wait)
        )
        yield System(cluster, job_id, space_id, feed, prometheus, address)


@contextlib.contextmanager
def _reader(dsn: str) -> Iterator[str]:
    """The connection string of a login that may only read."""
    name, password = f"serve_{secrets.token_hex(4)}", secrets.token_hex(16)
    with psycopg.connect(dsn, autocommit=True) as superuser:
        superuser.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE interestream_reader").format(
                sql.Identifier(name), sql.Literal(password)
            )
        )
    try:
        yield make_conninfo(dsn, user=name, password=password)
    finally:
        with psycopg.connect(dsn, autocommit=True) as superuser:
            superuser.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@contextlib.contextmanager
def _serve(dsn: str, folder: Path, jobmanager: str) -> Iterator[str]:
    """`interestream serve` as a process; the value is its HOST:PORT."""
    address = f"127.0.0.1:{processes.free_port()}"
    command = [
        *(sys.executable, "-m", "jobs.cli", "serve", "--jobmanager", jobmanager),
        *("--set", f"sources.root={folder / 'streams'}"),
        *("--set", f"checkpoints.directory={folder / 'checkpoints'}"),
        *("--set", f"serve.port={address.partition(':')[2]}"),
        *("--set", "serve.cache_s=0.5", "--set", "serve.counts_s=2"),
    ]
    process = processes.start(
        command, {**os.environ, "INTERESTREAM_DSN": dsn}, folder / "serve.log"
    )
    try:
        _wait_for(f"http://{address}/live", process, folder / "serve.log")
        yield address
    finally:
        processes.stop(process, timeout_s=15.0)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    raise EnvironmentNotReadyError(f"nothing answers at {address}: {log.read_text()[-500:]}")


def _answering(ports: range, count: int) -> list[int]:
    """The ports of the reporters; raises EnvironmentNotReadyError where fewer answer."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        found = []
        for port in ports:
            with (
                contextlib.suppress(urllib.error.URLError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer,
            ):
                if answer.read(100):
                    found.append(port)
        if len(found) >= count:
            return found
        time.sleep(0.5)
    raise EnvironmentNotReadyError(f"fewer than {count} reporters answer at {ports}")
