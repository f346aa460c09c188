"""The part of the benchmark that measures throughput: every engine on every workload."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from rich.console import Console

from bench.progress import run_bar
from bench.throughput.measure import Measured, Plan, measure
from bench.throughput.our_job import BENCH_HOME, running_job
from bench.throughput.profiles import MODES, PROFILES
from bench.throughput.workload import Spread, Workload

INPUT = BENCH_HOME / "input"


@dataclass(frozen=True)
class Case:
    """One run: an engine on a workload; ``batch_ms`` is the length of its batches."""

    engine: str
    profile: str
    mode: str
    workload: Workload

    @property
    def name(self) -> str:
        users = f"{self.workload.users:,} users, {self.workload.spread}"
        return f"{self.engine} · {self.profile} · {self.mode} · {users}"


@dataclass(frozen=True)
class Done:
    case: Case
    measured: Measured

    def as_json(self) -> dict[str, Any]:
        return {
            "engine": self.case.engine,
            "profile": self.case.profile,
            "mode": self.case.mode,
            "batch_ms": MODES[self.case.mode],
            "workload": asdict(self.case.workload),
            **self.measured.as_json(),
        }


def cases(
    engines: Sequence[str],
    profiles: Sequence[str],
    modes: Sequence[str],
    users: Sequence[int],
    spreads: Sequence[Spread],
    total: int,
) -> Iterator[Case]:
    """Peers do the work of one window only; engines on the same workload follow each other."""
    for spread, count, profile, mode, engine in product(spreads, users, profiles, modes, engines):
        if engine == "ours" or profile == "one-window":
            yield Case(engine, profile, mode, Workload(count, total, spread))


def run_case(case: Case, plan: Plan, console: Console, overrides: Sequence[str] = ()) -> Done:
    """Measure one engine alone on the machine."""
    workload = case.workload
    with run_bar(console, case.name, workload.events) as bar:
        bar.step("preparing the input")
        files = workload.files(INPUT)
        settings = [
            f"batching.batch_ms={MODES[case.mode]}",
            *PROFILES[case.profile],
            *overrides,
        ]
        with running_job(workload, settings, bar.step) as running:
            measured = measure(
                running.db,
                files,
                running.streams / "events",
                workload.events,
                plan,
                running.job.check,
                bar.move,
            )
    shutil.rmtree(BENCH_HOME / "ours", ignore_errors=True)
    return Done(case, measured)
