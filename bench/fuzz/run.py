"""Feeds a corpus to the real job, and waits until every line is processed."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from bench.fuzz.corpus import Corpus
from bench.fuzz.fuzzed import STREAMS
from jobs.local.stack import Stack
from jobs.sinks.read_progress import read_progress

FILE_RECORDS = 2_000
STALL_S = 120.0
Progress = Callable[[str, int, int | None], None]


class LinesLostError(Exception):
    """The job read fewer lines than were fed, and its counters no longer change."""


def run(corpus: Corpus, stack: Stack, progress: Progress) -> None:
    """Feed the items first, then events and commands together.

    `progress` gets stream, lines read and lines fed. Raises JobFailedError when the job fails
    even once, and LinesLostError when it stops reading.
    """
    with psycopg.connect(stack.dsn, autocommit=True) as db:
        watch = _Watch(corpus, stack, db, progress)
        write(stack.feed.root, "items", corpus.records["items"])
        watch.until("items")
        write(stack.feed.root, "control", corpus.records["control"])
        write(stack.feed.root, "events", corpus.records["events"])
        watch.until("events")
        watch.until("control")
        watch.until_quiet()


def write(root: Path, stream: str, records: Sequence[bytes]) -> None:
    """Write raw records to files that appear complete; line feeds inside a record stay."""
    for number, begin in enumerate(range(0, len(records), FILE_RECORDS)):
        name = f"fuzz-{number:06d}.ndjson"
        hidden = root / stream / f".{name}"
        hidden.write_bytes(b"\n".join(records[begin : begin + FILE_RECORDS]) + b"\n")
        os.replace(hidden, root / stream / name)


class _Watch:
    def __init__(
        self, corpus: Corpus, stack: Stack, db: psycopg.Connection, progress: Progress
    ) -> None:
        self._targets = {stream: len(corpus.of(stream)) for stream in STREAMS}
        self._stack = stack
        self._db = db
        self._progress = progress

    def until(self, stream: str) -> None:
        target = self._targets[stream]
        done, moved = -1, time.monotonic()
        while done < target:
            self._stack.job.check(max_restarts=0)
            now = read_progress(self._db, self._stack.space_id)[stream].records_in
            if now != done:
                done, moved = now, time.monotonic()
                self._progress(stream, done, target)
            elif time.monotonic() - moved > STALL_S:
                raise LinesLostError(
                    f"{stream}: {target} lines were fed, {done} were read, and the counter did not"
                    f" change for {STALL_S:.0f} s"
                )
            time.sleep(0.1)

    def until_quiet(self) -> None:
        """Wait for the last vectors, for the events that wait for them, and for deferred rows."""
        before, moved = None, time.monotonic()
        while True:
            now = read_progress(self._db, self._stack.space_id)
            self._stack.job.check(max_restarts=0)
            if now != before:
                before, moved = now, time.monotonic()
            elif time.monotonic() - moved > (STALL_S if now["events"].unwritten else 3.0):
                return
            time.sleep(0.5)
