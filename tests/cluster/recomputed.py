"""Compares what a job has committed with the recomputation, and waits until it has."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import psycopg
from rich.console import Console

from bench.verify.compare import Report, compare, read_prototypes
from bench.verify.recompute import recompute
from bench.verify.reference_encoder import ReferenceEncoder
from jobs.core.progress import Progress
from jobs.datasets.dataset import Dataset
from jobs.sinks.read_progress import read_progress


def wait_committed(
    dsn: str, space_id: int, stream: str, target: int, timeout_s: float = 400.0
) -> None:
    """Wait until `target` records of a stream are committed, with all deferred rows.

    Postgres may be away meanwhile.
    """
    deadline = time.monotonic() + timeout_s
    done = Progress(-1)
    while done.records_in < target or done.unwritten:
        assert time.monotonic() < deadline, f"{stream}: {done} of {target} after {timeout_s:.0f} s"
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(dsn, autocommit=True) as db,
        ):
            done = read_progress(db, space_id)[stream]
        time.sleep(0.1)


@contextlib.contextmanager
def threads_printed(log: Path) -> Iterator[None]:
    """When a wait in the block fails, print the stacks of the job's threads and its logs."""
    try:
        yield
    except AssertionError:
        for process in psutil.Process().children(recursive=True):
            if process.name() == "java":
                # Java prints its threads and goes on.
                process.send_signal(signal.SIGQUIT)
        time.sleep(3.0)
        threads = log.read_text(errors="replace").split("\n\n")
        print("\n\n".join(thread for thread in threads if "(1/1)#" in thread.partition("\n")[0]))
        for file in log.parent.glob("*.log"):
            print(file.read_text(errors="replace")[-8_000:])
        raise


def compare_with_recomputation(dataset: Dataset, dsn: str, space_id: int, bundle: Path) -> Report:
    """Compare every row with one that is computed from the data set, and print the report."""
    with psycopg.connect(dsn) as db:
        row = db.execute(
            "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
        ).fetchone()
        prototypes = read_prototypes(db, space_id)
    assert row is not None
    encoder = ReferenceEncoder(
        bundle, np.array(row[0], dtype=np.float32), console=Console(quiet=True)
    )
    expected = recompute(
        dataset.items(),
        dataset.events(),
        vectors=encoder,
        now_ms=int(time.time() * 1000),
        prototypes=prototypes,
    )
    report = compare(expected, dsn, space_id)
    report.print(Console())
    return report
