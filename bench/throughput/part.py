"""The part of the benchmark that measures throughput: every engine on every workload."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from bench.harness.figures import Figure
from bench.harness.our_job import BENCH_HOME, running_job
from bench.harness.progress import RunBar, run_bar
from bench.throughput.measure import Measured, Plan, link, measure
from bench.throughput.peer import PEERS, running_peer
from bench.throughput.profiles import MODES, PROFILES
from bench.throughput.workload import Spread, Workload, resplit

INPUT = BENCH_HOME / "input"
OURS = "ours"
GOAL_EVENTS_PER_S = {
    ("one-window", "live"): 50_000,
    ("one-window", "replay"): 90_000,
    ("all", "live"): 25_000,
}
"""The goal of the job on two cores, by profile and mode."""
ENGINES = (OURS, *PEERS)
PEERS_PROFILE = "one-window"
Batches = Literal["same", "free"]
EXPECTED_EVENTS_PER_S = 50_000
"""Rate for which a peer's batches are sized when our job was not measured on its workload."""


@dataclass(frozen=True)
class Case:
    """One run: an engine on a workload.

    A peer closes its `batches` by time alone ("free"), or also when they hold as many events as
    the average batch of our job ("same"): the size of a batch matters more than the engine does,
    because rows of one user are merged before they are written.
    """

    engine: str
    profile: str
    mode: str
    workload: Workload
    batches: Batches = "free"

    @property
    def label(self) -> str:
        """The engine, and how a peer closes its batches."""
        return self.engine if self.engine == OURS else f"{self.engine}, {self.batches} batches"

    @property
    def name(self) -> str:
        """Engine, profile, mode and workload."""
        users = f"{self.workload.users:,} users, {self.workload.spread}"
        return f"{self.label} · {self.profile} · {self.mode} · {users}"


@dataclass(frozen=True)
class Result:
    """A run with its figures."""

    case: Case
    measured: Measured

    def as_json(self) -> dict[str, Any]:
        """The raw results."""
        return {
            "engine": self.case.engine,
            "batches": self.case.batches,
            "profile": self.case.profile,
            "mode": self.case.mode,
            "batch_ms": MODES[self.case.mode],
            "workload": asdict(self.case.workload),
            **self.measured.as_json(),
        }


def figures(results: Sequence[Result]) -> list[Figure]:
    """A figure for every run; the job's are beside the best peer with batches of the same size."""
    found = []
    for one in results:
        case, measured = one.case, one.measured
        goal = GOAL_EVENTS_PER_S.get((case.profile, case.mode)) if case.engine == OURS else None
        peers = _peers_beside(case, results)
        best = max(peers, key=lambda peer: peer.measured.events_per_s, default=None)
        largest = [(kind, us) for kind, us in measured.cpu_us_per_event.items() if us >= 0.1]
        detail = (
            f"batch {measured.batch_events:,.0f} events, {measured.batch_s * 1000:,.0f} ms;"
            f" {_sum(measured.rows_per_event):.2f} rows/event;"
            f" CPU {_sum(measured.cpu_us_per_event):.1f} us/event"
            f" ({', '.join(f'{kind} {us:.1f}' for kind, us in largest)});"
            f" {measured.events:,} events in {measured.seconds:.0f} s"
        )
        found.append(
            Figure(
                "throughput",
                case.name,
                measured.events_per_s,
                "events/s",
                best.measured.events_per_s if best else None,
                best.case.label if best else "",
                f">= {goal:,}" + (", ahead of peers" if best else "") if goal else "",
                (
                    measured.events_per_s >= goal
                    and (best is None or measured.events_per_s > best.measured.events_per_s)
                )
                if goal
                else None,
                detail,
            )
        )
    return found


def _peers_beside(case: Case, results: Sequence[Result]) -> list[Result]:
    """Peers on the workload of a run of the job, with batches as large as the job's."""
    return [
        one
        for one in results
        if case.engine == OURS
        and one.case.engine != OURS
        and one.case.batches == "same"
        and (one.case.profile, one.case.mode, one.case.workload)
        == (case.profile, case.mode, case.workload)
    ]


def _sum(parts: Mapping[str, float]) -> float:
    return sum(parts.values())


def cases(
    engines: Sequence[str],
    profiles: Sequence[str],
    modes: Sequence[str],
    users: Sequence[int],
    spreads: Sequence[Spread],
    batches: Sequence[Batches],
    total: int,
) -> Iterator[Case]:
    """All runs: on each workload our job, then its peers.

    Peers run with the profile of one window only, and with "free" batches on the first workload
    only. `users` are numbers of users, `total` is the number of events.
    """
    first = Workload(users[0], total, spreads[0])
    for spread, count, profile, mode in product(spreads, users, profiles, modes):
        workload = Workload(count, total, spread)
        for engine in sorted(engines, key=ENGINES.index):
            if engine == OURS:
                yield Case(engine, profile, mode, workload)
            elif profile == PEERS_PROFILE:
                yield from (
                    Case(engine, profile, mode, workload, kind)
                    for kind in batches
                    if kind == "same" or workload == first
                )


def batch_events_of(case: Case, results: Sequence[Result]) -> int:
    """The largest number of events in a peer's batch; 0 for no limit."""
    if case.batches == "free":
        return 0
    ours = [
        one.measured.batch_events
        for one in results
        if (one.case.engine, one.case.profile, one.case.mode, one.case.workload)
        == (OURS, case.profile, case.mode, case.workload)
    ]
    expected = EXPECTED_EVENTS_PER_S * MODES[case.mode] / 1000
    return max(1, round(ours[-1] if ours else expected))


def run_case(
    case: Case,
    plan: Plan,
    console: Console,
    overrides: Sequence[str] = (),
    batch_events: int = 0,
) -> Result:
    """Measure one engine alone on the machine; `batch_events` limits a peer's batches.

    Raises JobFailedError or PeerFailedError when the engine fails, ReplayStalledError when it
    stops committing, and TooFewSamplesError when the run was too short.
    """
    with run_bar(console, case.name, case.workload.events) as bar:
        bar.step("preparing the input")
        files = case.workload.files(INPUT)
        try:
            if case.engine == OURS:
                measured = _run_ours(case, files, plan, overrides, bar)
            else:
                measured = _run_peer(case, files, plan, batch_events, bar)
        finally:
            for folder in ("ours", "peer"):
                shutil.rmtree(BENCH_HOME / folder / "postgres", ignore_errors=True)
    return Result(case, measured)


def _run_ours(
    case: Case, files: Sequence[Path], plan: Plan, overrides: Sequence[str], bar: RunBar
) -> Measured:
    settings = [
        f"batching.batch_ms={MODES[case.mode]}",
        # All files exist from the start: listing hundreds of them twenty times a second would
        # take a tenth of a core.
        "sources.monitor_interval_ms=2000",
        # The job has one slot: more buckets would queue for its one thread.
        "batching.buckets=1",
        *PROFILES[case.profile],
        *overrides,
    ]
    with running_job(case.workload.catalogue(), settings, bar.step) as running:
        return measure(
            running.db,
            partial(link, files, running.streams / "events"),
            case.workload.events,
            plan,
            running.job.check,
            bar.move,
        )


def _run_peer(
    case: Case, files: Sequence[Path], plan: Plan, batch_events: int, bar: RunBar
) -> Measured:
    batch_ms = MODES[case.mode]
    if case.engine == "pathway" and batch_events:
        bar.step("cutting the input")
        files = resplit(files, batch_events, BENCH_HOME / "peer" / "cut")
    with running_peer(case.engine, case.workload, batch_ms, batch_events, bar.step) as running:
        bar.step("measuring")
        return measure(
            running.db,
            partial(link, files, running.streams / "events"),
            case.workload.events,
            plan,
            running.check,
            bar.move,
        )
