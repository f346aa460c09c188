"""The part of the benchmark that measures freshness: from the rename of a file to its rows."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg
from rich.console import Console

from bench.harness.figures import Figure
from bench.harness.our_job import BENCH_HOME, running_job
from bench.harness.progress import run_bar
from bench.throughput.measure import Plan, measure
from bench.throughput.profiles import PROFILES
from bench.throughput.workload import Workload
from jobs.datasets.feed import DirectoryFeed
from jobs.demo.freshness import Freshness
from jobs.errors import ReplayStalledError
from jobs.sinks.read_progress import read_progress

INPUT = BENCH_HOME / "input"
GOAL_MS = {50: 100.0, 99: 300.0}
"""Goal by percentile."""
FILE_EVERY_S = 0.053
"""Seconds between two files: no multiple of the length of a batch or of the source's interval,
because a fixed phase between them would decide the delay."""
POLL_S = 0.005
IDLE_EVENTS_PER_S = 10
FRESH = ("batching.batch_ms=50", "batching.buckets=1", "sources.monitor_interval_ms=20")
"""Short batches, frequent listings of a small folder, and one bucket: four would queue for the
one writer."""
KEPT_FILES = 40
"""Files in the source's folder; older ones are committed, and every listing costs time by file."""
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
    files: int
    delay_ms: dict[int, float]
    """Milliseconds by percentile."""
    delays_ms: list[int]
    """Milliseconds of each file, in the order of feeding."""


@dataclass(frozen=True)
class FreshnessResult:
    """Delays at each rate, and the top rate of the burst before."""

    profile: str
    top_events_per_s: float
    paced: list[Paced]

    def as_json(self) -> dict[str, Any]:
        """The raw results."""
        return {
            "profile": self.profile,
            "top_events_per_s": self.top_events_per_s,
            "paced": [
                {
                    "name": one.name,
                    "wanted_per_s": one.wanted_per_s,
                    "fed_per_s": one.fed_per_s,
                    "files": one.files,
                    "delay_ms": {f"p{share}": ms for share, ms in one.delay_ms.items()},
                    "delays_ms": one.delays_ms,
                }
                for one in self.paced
            ],
        }

    def figures(self) -> list[Figure]:
        """Each percentile of the delays at each rate."""
        return [
            Figure(
                "freshness",
                f"p{share}, {self.profile}, {one.name}",
                one.delay_ms[share],
                "ms",
                goal=f"<= {GOAL_MS[share]:.0f} ms" if share in GOAL_MS else "",
                met=one.delay_ms[share] <= GOAL_MS[share] if share in GOAL_MS else None,
                detail=f"{one.fed_per_s:,.0f} events/s fed, {one.files:,} files; "
                + ", ".join(FRESH),
            )
            for one in self.paced
            for share in PERCENTILES
        ]


def run_freshness(
    profile: str,
    users: int,
    burst_events: int,
    seconds: float,
    console: Console,
    overrides: Sequence[str] = (),
) -> FreshnessResult:
    """Measure a burst, which warms up and finds the top rate, half of that rate, and near idle.

    Each rate is fed for `seconds`. Raises ReplayStalledError when commits stop, and what
    `running_job` and `measure` raise.
    """
    workload = Workload(users, burst_events)
    with run_bar(console, f"freshness · {profile}", burst_events) as bar:
        bar.step("preparing the input")
        files = workload.files(INPUT)
        catalogue = workload.catalogue()
        settings = [*PROFILES[profile], *FRESH, *overrides]
        with running_job(catalogue, settings, bar.step, BENCH_HOME / "ours") as running:
            plan = Plan(burst_events * 2 // 3, 25.0, 60.0)
            burst = measure(
                running.db,
                files,
                running.feed.root / "events",
                burst_events,
                plan,
                running.job.check,
                bar.move,
            )
            _wait(running.db, running.space_id, burst_events, running.job.check)
            _rotate(running.feed, keep=0)
            lines = _endless(workload)
            fed, paced = burst_events, []
            for name, rate in (
                ("half of the top rate", burst.events_per_s / 2),
                ("nearly idle", IDLE_EVENTS_PER_S),
            ):
                bar.step(f"{name}: {rate:,.0f} events/s")
                found, fed = _pace(
                    name, rate, seconds, running.feed, running.db, lines, fed, running.job.check
                )
                paced.append(found)
    shutil.rmtree(BENCH_HOME / "ours", ignore_errors=True)
    return FreshnessResult(profile, burst.events_per_s, paced)


def _endless(workload: Workload) -> Iterator[bytes]:
    """The workload's lines again and again, each time with other event ids."""
    turn = 0
    while True:
        prefix = b'"event_id":"turn-%d-' % turn
        for line in workload.lines():
            yield line.replace(b'"event_id":"', prefix, 1)
        turn += 1


def _pace(
    name: str,
    rate: float,
    seconds: float,
    feed: DirectoryFeed,
    db: psycopg.Connection,
    lines: Iterator[bytes],
    fed: int,
    check: Callable[[], None],
) -> tuple[Paced, int]:
    """Feed at a rate from a thread of its own, and poll for the commits meanwhile.

    `fed` is the number of events fed before; returns the delays, and the number fed afterwards.
    """
    fresh, start, first = Freshness(), time.perf_counter(), fed
    every_s = max(FILE_EVERY_S, 1 / rate)
    count = max(1, round(rate * every_s))
    prepared = [list(islice(lines, count)) for _ in range(max(1, round(seconds / every_s)))]
    lock, done, ended_s = threading.Lock(), threading.Event(), [start]

    def write() -> None:
        nonlocal fed
        began = time.perf_counter()
        for number, some in enumerate(prepared):
            while (pause := began + number * every_s - time.perf_counter()) > 0:
                time.sleep(pause)
            with lock:
                # The delay of an event begins before it is written.
                at_s = time.perf_counter()
                feed.write_events(some)
                fed += len(some)
                fresh.fed(fed, at_s)
        ended_s[0] = time.perf_counter()
        done.set()

    writer = threading.Thread(target=write, daemon=True)
    began = time.perf_counter()
    writer.start()
    deadline = began + seconds * 4 + 60
    committed, rotated_s = 0, began
    while not (done.is_set() and committed >= fed):
        row = db.execute(
            "SELECT sum(records_in)::bigint FROM interestream.job_progress WHERE stream = 'events'"
        ).fetchone()
        assert row is not None
        committed = int(row[0])
        with lock:
            fresh.committed(committed, time.perf_counter())
            behind = (fed - committed) / count
        if behind < KEPT_FILES / 2 and time.perf_counter() > rotated_s + ROTATE_S:
            _rotate(feed, KEPT_FILES)
            rotated_s = time.perf_counter()
        if time.perf_counter() > deadline:
            check()
            raise ReplayStalledError(f"{name}: {committed:,} of {fed:,} events are committed")
        time.sleep(POLL_S)
    writer.join()
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


def _rotate(feed: DirectoryFeed, keep: int) -> None:
    """Remove all but the `keep` newest files of events, and no unfinished file (`.` before it)."""
    files = sorted((feed.root / "events").glob("[!.]*.ndjson"))
    for file in files[: len(files) - keep]:
        file.unlink()


def _wait(db: psycopg.Connection, space_id: int, target: int, check: Callable[[], None]) -> None:
    deadline = time.monotonic() + 600
    while (done := read_progress(db, space_id)["events"].records_in) < target:
        check()
        if time.monotonic() > deadline:
            raise ReplayStalledError(f"{done:,} of {target:,} events are committed")
        time.sleep(0.2)
