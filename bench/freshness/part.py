"""The part of the benchmark that measures freshness: from the rename of a file to its rows."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console

from bench.freshness.pacing import PERCENTILES, Paced, endless, pace, rotate, wait_for
from bench.harness.figures import Figure
from bench.harness.our_job import BENCH_HOME, running_job
from bench.harness.progress import run_bar
from bench.throughput.measure import Plan, link, measure
from bench.throughput.profiles import PROFILES
from bench.throughput.workload import Workload

INPUT = BENCH_HOME / "input"
GOAL_MS = {50: 100.0, 99: 300.0}
"""Goal by percentile."""
IDLE_EVENTS_PER_S = 10
FRESH = ("batching.batch_ms=50", "batching.buckets=1", "sources.monitor_interval_ms=20")
"""Short batches, frequent listings of a small folder, and one bucket: four would queue for the
one writer."""


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
            "paced": [one.as_json() for one in self.paced],
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
                detail=f"{one.fed_per_s:,.0f} events/s fed, {one.portions:,} files; "
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
            events = running.streams / "events"
            plan = Plan(burst_events * 2 // 3, 25.0, 60.0)
            burst = measure(
                running.db,
                partial(link, files, events),
                burst_events,
                plan,
                running.job.check,
                bar.move,
            )
            wait_for(running, burst_events)
            rotate(events, keep=0)
            lines = endless(workload)
            fed, paced = burst_events, []
            for name, rate in (
                ("half of the top rate", burst.events_per_s / 2),
                ("nearly idle", IDLE_EVENTS_PER_S),
            ):
                bar.step(f"{name}: {rate:,.0f} events/s")
                found, fed = pace(name, rate, seconds, running, lines, fed, partial(rotate, events))
                paced.append(found)
    shutil.rmtree(BENCH_HOME / "ours", ignore_errors=True)
    return FreshnessResult(profile, burst.events_per_s, paced)
