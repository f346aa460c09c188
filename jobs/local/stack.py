"""Starts embedded Postgres, builds a space, and runs the job on an in-process Flink.

Used by the demo, `try`, the benchmarks and the tests. Processes end with the `with` block; the
files stay until the next start in the same folder.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from jobs.datasets.feed import DirectoryFeed
from jobs.errors import PostgresGoneError
from jobs.local.postgres import (
    LOG_FILE,
    AlreadyRunningError,
    Server,
    ServerGoneError,
    embedded_postgres,
    log_tail,
)
from jobs.local.postgres import running as server_on
from jobs.runtime.disk_space import check_disk_space
from jobs.runtime.in_process import InProcessJob
from jobs.spaces.build import build_space
from sql.apply import apply

HOME = Path(".interestream")
"""Folder for everything that local commands write, below the current one."""

BundleSource = Callable[[Callable[[str], None]], Path]
"""Returns the encoder's folder; calls its argument with a few words on each step of an export."""


@dataclass(frozen=True)
class Stack:
    """A running system."""

    dsn: str
    space_id: int
    bundle: Path
    """Folder of the encoder."""
    feed: DirectoryFeed
    """Writes to the streams that the job watches."""
    job: InProcessJob


def job_arguments(bundle: Path, work_dir: Path, overrides: Sequence[str] = ()) -> list[str]:
    """Return the arguments of `jobs.interest_job` for a working folder.

    `overrides` are settings as SECTION.KEY=VALUE.
    """
    settings = [
        f"encoder.bundle={bundle.absolute()}",
        f"sources.root={(work_dir / 'streams').absolute()}",
        f"checkpoints.directory={(work_dir / 'checkpoints').absolute()}",
        *overrides,
    ]
    return [f"--set={setting}" for setting in settings]


@contextlib.contextmanager
def fresh_postgres(data_dir: Path) -> Iterator[Server]:
    """Start an embedded Postgres with an empty, current schema for the length of a `with` block.

    What `data_dir` holds is deleted first. Raises AlreadyRunningError when a server runs in it,
    DiskSpaceError when the disk is too full, and ServerGoneError when the server stops while the
    block runs.
    """
    if (other := server_on(data_dir)) is not None:
        raise AlreadyRunningError(
            f"{data_dir.parent} is in use: an embedded Postgres (process {other.pid}, port"
            f" {other.port}) runs in it. Stop the demo or the command that started it"
        )
    check_disk_space(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)
    with embedded_postgres(data_dir) as server:
        try:
            apply(server.dsn)
            yield server
        except (psycopg.OperationalError, PostgresGoneError) as error:
            if server_on(data_dir) is not None:
                raise
            raise ServerGoneError(
                f"the embedded Postgres stopped; the end of {data_dir / LOG_FILE}:\n"
                f"{log_tail(data_dir)}"
            ) from error


@contextlib.contextmanager
def stack(
    dsn: str,
    bundle: Path,
    catalogue: Iterable[str],
    work_dir: Path,
    *,
    overrides: Sequence[str] = (),
    on_step: Callable[[str], None] = lambda _: None,
    mean_sample: int = 1000,
    store: Path | None = None,
) -> Iterator[Stack]:
    """Build a space and run its job for the length of a `with` block.

    The schema must be applied to the database `dsn`. `bundle` is the encoder's folder; the mean
    is taken over `mean_sample` documents of `catalogue`. `work_dir` is emptied. `overrides` are
    settings of the job, as SECTION.KEY=VALUE. The file `store` keeps vectors of texts for the
    next run. `on_step` is called with the name of each step.

    The space has no vector index: call `interestream.index_space` once the catalogue is loaded.
    Raises JobFailedError with the cause when the job does not start.
    """
    shutil.rmtree(work_dir, ignore_errors=True)
    on_step("Computing the catalogue's mean")
    space_id = build_space(dsn, bundle, catalogue, sample=mean_sample, store=store, index=False)
    on_step("Starting the Flink job")
    if store is not None:
        overrides = [*overrides, f"encoder.store={store.absolute()}"]
    job = InProcessJob(job_arguments(bundle, work_dir, overrides), dsn, work_dir)
    with job:
        job.wait_running()
        yield Stack(dsn, space_id, bundle, DirectoryFeed(work_dir / "streams"), job)
