"""How long the job takes until it has caught up after a fault."""

import contextlib
import time
from collections.abc import Callable

import psycopg

from jobs.core.progress import Progress
from jobs.errors import JobFailedError
from jobs.sinks.read_progress import read_progress

BEHIND = 300
"""Records that may be on their way while the job runs at full rate."""


def read_events(dsn: str, space_id: int) -> Progress | None:
    """The counters of the events; None while Postgres does not answer."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(dsn, connect_timeout=5) as db:
        return read_progress(db, space_id)["events"]
    return None


def wait_caught_up(
    dsn: str, space_id: int, fed: Callable[[], int], behind: int, timeout_s: float, trouble: str
) -> float:
    """Wait until all fed events but `behind` are committed, and return how many seconds it took.

    With `behind` 0 rows that are written lazily are waited for as well. Raises JobFailedError,
    which names `trouble`, after `timeout_s`.
    """
    started = time.monotonic()
    while True:
        progress = read_events(dsn, space_id)
        caught_up = progress is not None and progress.records_in >= fed() - behind
        if progress is not None and caught_up and (behind or not progress.unwritten):
            return time.monotonic() - started
        if time.monotonic() - started > timeout_s:
            raise JobFailedError(
                f"{trouble}: {progress} of {fed():,} fed events after {timeout_s:.0f} s"
            )
        time.sleep(0.1)
