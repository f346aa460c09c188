"""Everything on this machine: embedded Postgres, a space, the job on an in-process Flink.

The demo, the verification and the tests start it, and it removes what it made when it stops.
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

BundleSource = Callable[[Callable[[str], None]], Path]
"""Gives the encoder's folder; it reports each step of an export to its argument."""


@dataclass(frozen=True)
class Stack:
    """A running system; `job` is its Flink job."""

    dsn: str
    space_id: int
    bundle: Path
    feed: DirectoryFeed
    job: InProcessJob


def job_arguments(bundle: Path, work_dir: Path, overrides: Sequence[str] = ()) -> list[str]:
    """Arguments of `jobs.interest_job` for a working folder."""
    settings = [
        f"encoder.bundle={bundle.absolute()}",
        f"sources.root={(work_dir / 'streams').absolute()}",
        f"checkpoints.directory={(work_dir / 'checkpoints').absolute()}",
        *overrides,
    ]
    return [f"--set={setting}" for setting in settings]


@contextlib.contextmanager
def fresh_postgres(data_dir: Path) -> Iterator[Server]:
    """Embedded Postgres with an empty, current schema.

    Raises AlreadyRunningError rather than to take the folder from somebody who uses it,
    DiskSpaceError before there is too little room, and ServerGoneError when the server went down
    while it was in use.
    """
    if (there := server_on(data_dir)) is not None:
        raise AlreadyRunningError(
            f"{data_dir.parent} is in use: an embedded Postgres (process {there.pid}, port"
            f" {there.port}) runs in it. Stop the demo or the command that started it"
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
                f"the embedded Postgres went down; the end of {data_dir / LOG_FILE}:\n"
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
    """Start the job on a database with the schema applied.

    `bundle` is the encoder's folder, and the documents of `catalogue` give the space's mean.
    `work_dir` is emptied; `store` keeps vectors of texts for the next time. The caller builds the
    space's vector index once the catalogue is loaded (`interestream.index_space`). Raises
    JobFailedError with the cause when the job does not come up.
    """
    shutil.rmtree(work_dir, ignore_errors=True)
    on_step("Taking the catalogue's mean")
    space_id = build_space(dsn, bundle, catalogue, sample=mean_sample, store=store, index=False)
    on_step("Starting the Flink job")
    if store is not None:
        overrides = [*overrides, f"encoder.store={store.absolute()}"]
    job = InProcessJob(job_arguments(bundle, work_dir, overrides), dsn, work_dir)
    with job:
        job.wait_running()
        yield Stack(dsn, space_id, bundle, DirectoryFeed(work_dir / "streams"), job)
