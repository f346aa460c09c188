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
REACH_MS = {50: 100.0, 99: 300.0}
FILE_EVERY_S = 0.053
"""In step with neither the batches nor the looks of the source: their phases would decide."""
POLL_S = 0.005
IDLE_EVENTS_PER_S = 10
FRESH = ("batching.batch_ms=50", "batching.buckets=1", "sources.monitor_interval_ms=20")
"""Short batches, a bucket for each slot (four at once would queue before the one writer), and
frequent looks into a small folder."""
KEPT_FILES = 40
"""In the source's folder; older ones are committed, and every look of the source costs by file."""
ROTATE_S = 0.5
PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Paced:
    """One rate: what was asked for, what was fed, and delays in milliseconds, by percentile and by
    file in the order of feeding."""

    name: str
    wanted_per_s: float
    fed_per_s: float
    files: int
    delay_ms: dict[int, float]
    delays_ms: list[int]


@dataclass(frozen=True)
class FreshnessDone:
    profile: str
    top_events_per_s: float
    paced: list[Paced]

    def as_json(self) -> dict[str, Any]:
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
        return [
            Figure(
                "freshness",
                f"p{share}, {self.profile}, {one.name}",
                one.delay_ms[share],
                "ms",
                goal=f"<= {REACH_MS[share]:.0f} ms" if share in REACH_MS else "",
                met=one.delay_ms[share] <= REACH_MS[share] if share in REACH_MS else None,
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
) -> FreshnessDone:
    """A burst to warm up and to find the top rate, then half of that rate, then nearly idle."""
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
            lines = _forever(workload)
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
    return FreshnessDone(profile, burst.events_per_s, paced)


def _forever(workload: Workload) -> Iterator[bytes]:
    """The workload's lines, over and over, every time with other event ids."""
    turn = 0
    while True:
        mark = b'"event_id":"turn-%d-' % turn
        for line in workload.lines():
            yield line.replace(b'"event_id":"', mark, 1)
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
    """Feed at a rate from a thread of its own, and look for the commits meanwhile."""
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
                # The moment before the write: an event is late from when it could be known.
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
    """Remove all but the newest files of events; one that is being written has a dot before it."""
    files = sorted((feed.root / "events").glob("[!.]*.ndjson"), key=lambda file: int(file.stem))
    for file in files[: len(files) - keep]:
        file.unlink()


def _wait(db: psycopg.Connection, space_id: int, target: int, check: Callable[[], None]) -> None:
    deadline = time.monotonic() + 600
    while (done := read_progress(db, space_id)["events"].records_in) < target:
        check()
        if time.monotonic() > deadline:
            raise ReplayStalledError(f"{done:,} of {target:,} events are committed")
        time.sleep(0.2)
