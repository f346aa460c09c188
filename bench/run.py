"""Measure everything that docs/performance.md speaks of: one table, JSON with history, plots."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from bench.history import save
from bench.machine import describe_machine
from bench.report import threads_table, throughput_table
from bench.throughput.measure import Plan
from bench.throughput.part import ENGINES, OURS, Batches, Done, batch_events_of, cases, run_case
from bench.throughput.profiles import MODES, PROFILES
from bench.throughput.slope import TooFewSamplesError
from bench.throughput.workload import Spread
from jobs.errors import InterestreamError

PARTS = ("throughput",)
console = Console(width=None if sys.stdout.isatty() else 150)


def main(
    only: Annotated[str, typer.Option(help="parts to run, by commas")] = ",".join(PARTS),
    ours: Annotated[bool, typer.Option("--ours", help="only our job, not its peers")] = False,
    engines: Annotated[str, typer.Option(help="of throughput, by commas")] = ",".join(ENGINES),
    batches: Annotated[
        str, typer.Option(help="a peer's: same (as many events as ours), free (by the clock)")
    ] = "same,free",
    profile: Annotated[str, typer.Option(help="of throughput, by commas")] = ",".join(PROFILES),
    mode: Annotated[str, typer.Option(help="of throughput: live, replay")] = ",".join(MODES),
    users: Annotated[str, typer.Option(help="distinct users, by commas")] = "20000,200000",
    spread: Annotated[str, typer.Option(help="of users: uniform, zipf")] = "uniform,zipf",
    events: Annotated[int, typer.Option(help="events measured after the warm-up")] = 2_000_000,
    warm_up_s: Annotated[float, typer.Option(help="longest warm-up, in seconds")] = 30.0,
    limit_s: Annotated[float, typer.Option(help="longest measured part, in seconds")] = 120.0,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="of our job, SECTION.KEY=VALUE")
    ] = None,
) -> None:
    """Exit code 0 when everything was measured, 2 when something could not be."""
    machine = describe_machine()
    console.print("\n".join(machine.lines()), highlight=False, style="dim")
    plan = Plan(events, warm_up_s, limit_s)
    results: dict[str, object] = {}
    failed = False
    if "throughput" in only.split(","):
        done: list[Done] = []
        spreads: list[Spread] = ["zipf" if name == "zipf" else "uniform" for name in _names(spread)]
        wanted = [OURS] if ours else _names(engines)
        kinds: list[Batches] = ["same" if name == "same" else "free" for name in _names(batches)]
        planned = cases(
            wanted,
            _names(profile),
            _names(mode),
            [int(count) for count in _names(users)],
            spreads,
            kinds,
            # A third again for the warm-up.
            total=events + events // 2,
        )
        for case in planned:
            try:
                limit = batch_events_of(case, done)
                done.append(run_case(case, plan, console, setting or [], limit))
            except (InterestreamError, TooFewSamplesError) as error:
                console.print(f"[red]{case.name}:[/] {error}", highlight=False)
                failed = True
        console.print(throughput_table(done))
        if any(one.measured.threads_us_per_event for one in done):
            console.print(threads_table(done))
        results["throughput"] = [one.as_json() for one in done]
    path = save(machine, results)
    console.print(f"[dim]{path}[/]", highlight=False)
    sys.exit(2 if failed else 0)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    typer.run(main)
