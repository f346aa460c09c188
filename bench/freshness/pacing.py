"""Feeds a running job at a rate, and measures the time from each portion to its commit."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bench.harness.our_job import RunningJob
from bench.throughput.workload import Workload
from jobs.demo.freshness import Freshness
from jobs.errors import ReplayStalledError
from jobs.sinks.read_progress import read_progress

PORTION_EVERY_S = 0.053
"""Seconds between two portions: no multiple of the length of a batch or of the source's interval,
because a fixed phase between them would decide the delay."""
POLL_S = 0.005
KEPT_FILES = 40
"""Files in the source's folder; older ones are committed, and every listing costs time by file."""
BEHIND_AT_MOST = 2
"""Portions that may wait while older files are removed: a source with many files to read does not
read them in their order, so that one of the oldest may be among those that wait."""
ROTATE_S = 0.5
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Paced:
    """Delays at one rate."""

    name: str
    wanted_per_s: float
    """Planned events per second."""
    fed_per_s: float
    """Events per second that were fed."""
    portions: int
    """Files, or groups of records of a topic, each written at once."""
    delay_ms: dict[int, float]
    """Milliseconds by percentile."""
    delays_ms: list[int]
    """Milliseconds of each portion, in the order of feeding."""

    def as_json(self) -> dict[str, Any]:
        """The raw results."""
        return {
            "name": self.name,
            "wanted_per_s": self.wanted_per_s,
            "fed_per_s": self.fed_per_s,
            "portions": self.portions,
            "delay_ms": {f"p{share}": ms for share, ms in self.delay_ms.items()},
            "delays_ms": self.delays_ms,
        }


def endless(workload: Workload) -> Iterator[bytes]:
    """The workload's lines again and again, each time with other event ids."""
    turn = 0
    while True:
        prefix = b'"event_id":"turn-%d-' % turn
        for line in workload.lines():
            yield line.replace(b'"event_id":"', prefix, 1)
        turn += 1


def pace(
    name: str,
    rate: float,
    seconds: float,
    running: RunningJob,
    lines: Iterator[bytes],
    fed: int,
    tidy: Callable[[], None],
) -> tuple[Paced, int]:
    """Feed at `rate` events per second from a thread of its own, and poll for commits meanwhile.

    `fed` is the number of events fed before; returns the delays, and the number fed afterwards.
    `tidy` is called every `ROTATE_S` while the job keeps up: it removes what was read.
    Raises ReplayStalledError when commits stop, and what the feed raises.
    """
    fresh, start, first = Freshness(), time.perf_counter(), fed
    every_s = max(PORTION_EVERY_S, 1 / rate)
    count = max(1, round(rate * every_s))
    prepared = [list(islice(lines, count)) for _ in range(max(1, round(seconds / every_s)))]
    lock, done, ended_s = threading.Lock(), threading.Event(), [start]
    failed: list[Exception] = []

    def write() -> None:
        nonlocal fed
        began = time.perf_counter()
        for number, some in enumerate(prepared):
            while (pause := began + number * every_s - time.perf_counter()) > 0:
                time.sleep(pause)
            with lock:
                # The delay of an event begins before it is written.
                at_s = time.perf_counter()
                running.feed.write_events(some)
                fed += len(some)
                fresh.fed(fed, at_s)
        ended_s[0] = time.perf_counter()

    def write_all() -> None:
        try:
            write()
        except Exception as error:
            failed.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=write_all, daemon=True)
    began = time.perf_counter()
    writer.start()
    deadline = began + seconds * 4 + 60
    committed, tidied_s = 0, began
    while not (done.is_set() and committed >= fed):
        row = running.db.execute(
            "SELECT sum(records_in)::bigint FROM interestream.job_progress WHERE stream = 'events'"
        ).fetchone()
        assert row is not None
        committed, at_s = int(row[0]), time.perf_counter()
        with lock:
            # At the time of the look: the lock is held while records are written.
            fresh.committed(committed, at_s)
            behind = (fed - committed) / count
        if behind <= BEHIND_AT_MOST and time.perf_counter() > tidied_s + ROTATE_S:
            tidy()
            tidied_s = time.perf_counter()
        if time.perf_counter() > deadline:
            running.job.check()
            raise ReplayStalledError(f"{name}: {committed:,} of {fed:,} events are committed")
        time.sleep(POLL_S)
    writer.join()
    if failed:
        raise failed[0]
    delays = fresh.percentiles_ms(PERCENTILES)
    return (
        Paced(
            name,
            rate,
            (fed - first) / (ended_s[0] - began),
            len(prepared),
            dict(zip(PERCENTILES, delays, strict=True)),
            [round(delay_s * 1000) for delay_s in fresh.delays_s],
        ),
        fed,
    )


def rotate(folder: Path, keep: int = KEPT_FILES) -> None:
    """Remove all but the `keep` newest files; one with a `.` before its name is unfinished."""
    files = sorted(folder.glob("[!.]*.ndjson"))
    for file in files[: len(files) - keep]:
        file.unlink()


def wait_for(running: RunningJob, events: int) -> None:
    """Wait until so many events are committed; raises ReplayStalledError after ten minutes."""
    deadline = time.monotonic() + 600
    while (done := read_progress(running.db, running.space_id)["events"].records_in) < events:
        running.job.check()
        if time.monotonic() > deadline:
            raise ReplayStalledError(f"{done:,} of {events:,} events are committed")
        time.sleep(0.2)
