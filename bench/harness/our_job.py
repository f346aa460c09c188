"""Starts the job for a benchmark, on a fresh database with a loaded catalogue."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from jobs.datasets.dataset import Record
from jobs.datasets.feed import DirectoryFeed, Feed
from jobs.errors import ReplayStalledError
from jobs.local.stack import HOME, fresh_postgres, job_arguments
from jobs.runtime.in_process import InProcessJob
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space, documents
from model_export.ensure import ensure_bundle

BENCH_HOME = HOME / "bench"
STORE = BENCH_HOME / "vectors.sqlite"
"""Vectors of the catalogue's texts, kept between runs: another part measures encoding."""


@dataclass(frozen=True)
class RunningJob:
    """The job with its catalogue committed, and an open connection to its database."""

    db: psycopg.Connection
    bundle: Path
    space_id: int
    streams: Path
    """The folder of the streams; nothing is in it where the job reads topics."""
    feed: Feed
    job: InProcessJob


def heap_megabytes() -> int:
    """Megabytes of Java's heap: a fifth of the memory, at most 6 GB. It holds the users' state."""
    return min(6_000, int(psutil.virtual_memory().total / 2**20 / 5))


@contextlib.contextmanager
def running_job(
    catalogue: Sequence[Record],
    overrides: Sequence[str],
    on_step: Callable[[str], None],
    work_dir: Path = BENCH_HOME / "ours",
    store: Path | None = STORE,
    open_feed: Callable[[Path], Feed] = DirectoryFeed,
    java_options: str | None = None,
) -> Iterator[RunningJob]:
    """Start database and job, and load the catalogue; `work_dir` is emptied.

    `overrides` are configuration, SECTION.KEY=VALUE; `on_step` gets the name of each step.
    Without `store` the job encodes every text anew. `open_feed` gets the folder of the streams and
    returns what feeds the job where `overrides` let it read. `java_options` are a heap of
    `heap_megabytes` where they are None.
    Raises JobFailedError with the cause when the job does not start, and ReplayStalledError when
    it does not encode the catalogue.
    """
    shutil.rmtree(work_dir / "job", ignore_errors=True)
    job_dir = work_dir / "job"
    with fresh_postgres(work_dir / "postgres") as server:
        bundle = ensure_bundle(HOME / "bundles", on_step)
        on_step("taking the catalogue's mean")
        texts = documents(catalogue)
        space_id = build_space(server.dsn, bundle, texts, store=STORE, index=False)
        on_step("starting the job")
        kept = [f"encoder.store={store.absolute()}"] if store else []
        arguments = job_arguments(bundle, job_dir, [*kept, *overrides])
        with (
            InProcessJob(
                arguments,
                server.dsn,
                job_dir,
                java_options=java_options or f"-Xmx{heap_megabytes()}m",
            ) as job,
            psycopg.connect(server.dsn, autocommit=True) as db,
        ):
            job.wait_running(timeout_s=300.0)
            on_step("loading the catalogue")
            streams = job_dir / "streams"
            feed = open_feed(streams)
            feed.write_items(catalogue)
            _wait_vectors(db, space_id, len(catalogue), job)
            yield RunningJob(db, bundle, space_id, streams, feed, job)


def _wait_vectors(
    db: psycopg.Connection, space_id: int, count: int, job: InProcessJob, timeout_s: float = 600.0
) -> None:
    deadline = time.monotonic() + timeout_s
    while (done := read_progress(db, space_id)["vectors"].records_in) < count:
        job.check()
        if time.monotonic() > deadline:
            raise ReplayStalledError(f"{done} of {count} items have a vector after {timeout_s} s")
        time.sleep(0.1)
