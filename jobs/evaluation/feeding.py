"""Feeds events up to a question, and waits until all of them are committed."""

import time
from collections.abc import Callable, Iterator
from itertools import islice

import psycopg

from jobs.datasets.dataset import Line
from jobs.datasets.feed import DirectoryFeed
from jobs.errors import PostgresGoneError, ReplayStalledError
from jobs.sinks.read_progress import read_progress

_CHUNK = 5_000
_POLL_S = 0.005
_CHECK_EVERY_S = 1.0
_TRENDS_S = 2.0
"""Longest time that trends are waited for: event time does not follow every event."""

_TRENDS_BEHIND = """
SELECT EXISTS (
    SELECT FROM interestream.trend_windows AS windows
    WHERE windows.space_id = %(space)s AND windows.as_of < (
        SELECT known.last_at FROM interestream.user_items AS known
        WHERE known.signal > 0 ORDER BY known.last_at DESC LIMIT 1
    )
)
"""


class SteppedFeed:
    """Feeds event lines step by step into a job that has read none of them yet.

    `check` is called while waiting and may raise, for example when the job has failed.
    `on_progress` is called with the number of committed lines. A wait fails when nothing is
    committed for `stall_s` seconds.
    """

    def __init__(
        self,
        db: psycopg.Connection,
        space_id: int,
        feed: DirectoryFeed,
        lines: Iterator[Line],
        *,
        check: Callable[[], None] = lambda: None,
        on_progress: Callable[[int], None] = lambda _: None,
        stall_s: float = 180.0,
    ) -> None:
        self._db = db
        self._space_id = space_id
        self._feed = feed
        self._lines = lines
        self._check = check
        self._on_progress = on_progress
        self._stall_s = stall_s
        self._fed = 0

    def feed_to(self, line: int, *, trends: bool = True) -> None:
        """Feed the lines before number `line`, and wait until they are all committed.

        With `trends` it also waits until what is popular is counted, which comes behind the
        commit. Nothing is fed when that many were fed before. Raises ReplayStalledError when
        nothing is committed for `stall_s` seconds, and PostgresGoneError when Postgres stops
        answering.
        """
        while self._fed < line:
            chunk = list(islice(self._lines, min(_CHUNK, line - self._fed)))
            if not chunk:
                raise ReplayStalledError(
                    f"the data set has {self._fed} events, and {line} were there before: it has"
                    " changed"
                )
            self._fed += self._feed.write_events(chunk)
        self._wait()
        if trends:
            self._wait_for_trends()

    def _wait_for_trends(self) -> None:
        """Wait until what is popular is counted up to the newest like, which comes behind it."""
        until_s = time.monotonic() + _TRENDS_S
        while time.monotonic() < until_s:
            row = self._db.execute(_TRENDS_BEHIND, {"space": self._space_id}).fetchone()
            if row is None or not row[0]:
                return
            time.sleep(_POLL_S)

    def _wait(self) -> None:
        done, changed_s = (-1, -1), time.monotonic()
        checked_s = changed_s
        while True:
            committed, unwritten = now = self._progress()
            if now != done:
                done, changed_s = now, time.monotonic()
                self._on_progress(committed)
            if committed >= self._fed and not unwritten:
                return
            if time.monotonic() - checked_s > _CHECK_EVERY_S:
                self._check()
                checked_s = time.monotonic()
            if time.monotonic() - changed_s > self._stall_s:
                raise ReplayStalledError(
                    f"{committed} of {self._fed} events are committed, {unwritten} users have rows"
                    f" that are not written, and nothing moved for {self._stall_s:.0f} s"
                )
            time.sleep(_POLL_S)

    def _progress(self) -> tuple[int, int]:
        try:
            events = read_progress(self._db, self._space_id)["events"]
        except psycopg.OperationalError as error:
            self._check()
            raise PostgresGoneError(
                f"Postgres went away ({str(error).strip().splitlines()[0]}). Answers so far are"
                " kept: run the same command again"
            ) from error
        return events.records_in, events.unwritten
