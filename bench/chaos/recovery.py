"""How long the job takes until it has caught up after a fault."""

import contextlib
import time
from collections.abc import Callable

import psycopg

from jobs.core.progress import Progress
from jobs.errors import JobFailedError
from jobs.sinks.read_progress import read_progress

AHEAD = 40
"""Events fed after a fault that the job must commit before it counts as recovered: a second's."""
BEHIND = 40
"""Events that may be on their way while the job runs at full rate: a second's."""


def read_events(dsn: str, space_id: int) -> Progress | None:
    """The counters of the events; None while Postgres does not answer."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(dsn, connect_timeout=5) as db:
        return read_progress(db, space_id)["events"]
    return None


def wait_full_rate(
    dsn: str, space_id: int, fed: Callable[[], int], timeout_s: float, trouble: str
) -> float:
    """Wait until the job commits events that are fed from now on as they come; returns seconds.

    Raises JobFailedError, which names `trouble`, after `timeout_s`.
    """
    after = fed() + AHEAD
    return _wait(dsn, space_id, lambda: max(after, fed() - BEHIND), fed, timeout_s, trouble)


def wait_all(
    dsn: str, space_id: int, fed: Callable[[], int], timeout_s: float, trouble: str
) -> None:
    """Wait until all fed events are committed, with the rows that are written lazily.

    Raises JobFailedError, which names `trouble`, after `timeout_s`.
    """
    _wait(dsn, space_id, fed, fed, timeout_s, trouble, lazily=True)


def _wait(
    dsn: str,
    space_id: int,
    target: Callable[[], int],
    fed: Callable[[], int],
    timeout_s: float,
    trouble: str,
    *,
    lazily: bool = False,
) -> float:
    started = time.monotonic()
    while True:
        progress = read_events(dsn, space_id)
        if (
            progress is not None
            and progress.records_in >= target()
            and not (lazily and progress.unwritten)
        ):
            return time.monotonic() - started
        if time.monotonic() - started > timeout_s:
            raise JobFailedError(
                f"{trouble}: {progress} of {fed():,} fed events after {timeout_s:.0f} s"
            )
        time.sleep(0.1)
