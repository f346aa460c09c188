"""Waits for the rows that are written behind the events: neighbors and trends."""

import time
from collections.abc import Callable

import psycopg

QUIET_S = 6.0
"""They are complete when nothing was written for so many seconds: longer than the silence after
which event time goes on, and than the time between two writes."""
_WRITTEN = """
SELECT
    (SELECT max(committed_at) FROM interestream.item_neighbors WHERE space_id = %(space)s),
    (SELECT max(committed_at) FROM interestream.trend_windows WHERE space_id = %(space)s)
"""


def wait_deferred(
    db: psycopg.Connection, space_id: int, check: Callable[[], None] = lambda: None
) -> None:
    """Wait until these rows of a space stay as they are, after the last event.

    `check` raises when the job has failed.
    """
    before, since = None, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        check()
        now = db.execute(_WRITTEN, {"space": space_id}).fetchone()
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.1)
