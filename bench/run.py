"""Measures everything in docs/performance.md: one table, results as JSON with history, plots.

Nothing else should run on the machine meanwhile. `--only` picks parts. `--quick` makes every part
small: its figures show that the benchmarks work, and say nothing about the job.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console

from bench.encoder.part import run_encoder
from bench.freshness.part import run_freshness
from bench.harness.figures import Figure
from bench.harness.machine import Machine, describe_machine
from bench.history import Saved
from bench.options import FULL, QUICK, Options, batches, names, spread
from bench.recommend.part import run_recommend
from bench.report import figures_table, markdown, put_into, threads_table
from bench.state.part import run_state
from bench.throughput.measure import Plan
from bench.throughput.part import (
    ENGINES,
    OURS,
    Result,
    batch_events_of,
    cases,
    figures,
    run_case,
)
from bench.throughput.peer import require_peers
from bench.throughput.profiles import PROFILES
from bench.throughput.slope import TooFewSamplesError
from jobs.errors import InterestreamError
from model_export.errors import ExportError
from sql.errors import ApplyError
from udfs.errors import UdfError

WIDTH = 170
"""Width of the table where there is no terminal."""
console = Console(width=None if sys.stdout.isatty() else WIDTH)


@dataclass
class Run:
    """Everything that was measured so far; it is saved after each part."""

    saved: Saved
    figures: list[Figure] = field(default_factory=list)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Raw results by part."""
    throughput: list[Result] = field(default_factory=list)
    failed: bool = False

    def add(self, part: str, measured: dict[str, Any]) -> None:
        """Keep the raw results of a part."""
        self.parts.setdefault(part, []).append(measured)

    def save(self, more: list[Figure] | None = None) -> None:
        """Write the results so far, with figures that are not in `figures` yet."""
        self.saved.write(self.parts, self.figures + (more or []))

    @contextlib.contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Print an expected error of the block and go on: one part does not end the others."""
        try:
            yield
        except (
            InterestreamError,
            TooFewSamplesError,
            UdfError,
            ExportError,
            ApplyError,
            psycopg.Error,
        ) as error:
            console.print(f"[red]{name}:[/]", end=" ")
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            self.failed = True


def measure_throughput(options: Options, run: Run) -> None:
    """Every engine on every workload."""
    if options.engines != (OURS,):
        require_peers()
    planned = list(
        cases(
            options.engines,
            options.profiles,
            options.modes,
            options.users,
            options.spreads,
            options.batches,
            # Enough events for the warm-up of the fastest engine.
            total=options.plan.events * 5 // 2,
        )
    )
    for number, case in enumerate(planned, start=1):
        console.print(f"run {number} of {len(planned)}: {case.name}", style="dim")
        with run.attempt(case.name):
            limit = batch_events_of(case, run.throughput)
            result = run_case(case, options.plan, console, options.overrides, limit)
            run.throughput.append(result)
            run.add("throughput", result.as_json())
            run.save(figures(run.throughput))
    run.figures += figures(run.throughput)


def measure_encoder(options: Options, run: Run) -> None:
    """The encoder inside the job, with each number of threads."""
    for threads in options.threads[: 1 if options.quick else None]:
        with run.attempt(f"encoder, {threads} threads"):
            result = run_encoder(
                options.sizes.texts, threads, options.sizes.encoder_s, console, options.overrides
            )
            run.add("encoder", result.as_json())
            run.figures += result.figures()


def measure_freshness(options: Options, run: Run) -> None:
    """The time from a file to its rows, with each profile."""
    for profile in options.profiles:
        with run.attempt(f"freshness, {profile}"):
            result = run_freshness(
                profile,
                options.users[0],
                options.sizes.burst_events,
                options.sizes.paced_s,
                console,
                options.overrides,
            )
            run.add("freshness", result.as_json())
            run.figures += result.figures()


def measure_state(options: Options, run: Run) -> None:
    """State, memory, checkpoints, start and recovery, with everything switched on."""
    sizes = options.sizes
    result = run_state(
        "all", sizes.state_users, sizes.state_events, sizes.kills, console, options.overrides
    )
    run.add("state", result.as_json())
    run.figures += result.figures()


def measure_recommend(options: Options, run: Run) -> None:
    """Answers of `recommend()`."""
    found, report = run_recommend(console, quick=options.quick)
    run.add("recommend", report)
    run.figures += found


PARTS: Mapping[str, Callable[[Options, Run], None]] = {
    "throughput": measure_throughput,
    "encoder": measure_encoder,
    "freshness": measure_freshness,
    "state": measure_state,
    "recommend": measure_recommend,
}


def main(
    only: Annotated[str, typer.Option(help="parts to run, by commas")] = ",".join(PARTS),
    quick: Annotated[bool, typer.Option("--quick", help="small sizes, minutes not hours")] = False,
    ours: Annotated[bool, typer.Option("--ours", help="only our job, not its peers")] = False,
    engines: Annotated[str, typer.Option(help="of throughput, by commas")] = ",".join(ENGINES),
    peer_batches: Annotated[
        str,
        typer.Option("--batches", help="a peer's: same (as many events as ours), free (by time)"),
    ] = "same,free",
    profile: Annotated[str, typer.Option(help="what is switched on, by commas")] = ",".join(
        PROFILES
    ),
    mode: Annotated[str | None, typer.Option(help="of throughput: live,replay")] = None,
    users: Annotated[str | None, typer.Option(help="distinct users, by commas")] = None,
    spreads: Annotated[str | None, typer.Option("--spread", help="of users: uniform,zipf")] = None,
    events: Annotated[int | None, typer.Option(help="measured after the warm-up")] = None,
    warm_up_s: Annotated[float | None, typer.Option(help="longest warm-up, seconds")] = None,
    limit_s: Annotated[float | None, typer.Option(help="longest measured part, seconds")] = None,
    threads: Annotated[str, typer.Option(help="of the encoder, by commas")] = "1,2",
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="of our job, SECTION.KEY=VALUE")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="a Markdown page to put the table into, between its marks")
    ] = None,
    show_threads: Annotated[
        bool, typer.Option("--show-threads", help="the JVM's processor time by thread as well")
    ] = False,
) -> None:
    """Exit code 0 when everything was measured, 2 when something could not be, 130 on Ctrl-C."""
    sizes = QUICK if quick else FULL
    if unknown := [name for name in names(only) if name not in PARTS]:
        raise typer.BadParameter(f"no such part: {', '.join(unknown)}; there are {tuple(PARTS)}")
    options = Options(
        parts=names(only),
        quick=quick,
        sizes=sizes,
        engines=(OURS,) if ours else names(engines),
        batches=tuple(batches(name) for name in names(peer_batches)),
        profiles=names(profile),
        modes=names(mode or sizes.modes),
        users=tuple(int(count) for count in names(users or sizes.users)),
        spreads=tuple(spread(name) for name in names(spreads or sizes.spreads)),
        plan=Plan(
            events or sizes.events,
            sizes.warm_up_s if warm_up_s is None else warm_up_s,
            limit_s or sizes.limit_s,
        ),
        threads=tuple(int(count) for count in names(threads)),
        overrides=tuple(setting or ()),
        page=page,
        show_threads=show_threads or ours,
    )
    machine = describe_machine()
    console.print("\n".join(machine.lines()), highlight=False, style="dim", soft_wrap=True)
    run = Run(Saved(machine, quick=quick))
    try:
        for name in options.parts:
            with run.attempt(name):
                PARTS[name](options, run)
            run.save()
    except KeyboardInterrupt:
        console.print("Stopped; what was measured is kept.")
        sys.exit(130)
    finally:
        _print_figures(machine, run)
    if options.page is not None:
        options.page.write_text(put_into(options.page.read_text(), markdown(machine, run.figures)))
    if options.show_threads and run.throughput:
        console.print(threads_table(run.throughput))
    sys.exit(2 if run.failed else 0)


def _print_figures(machine: Machine, run: Run) -> None:
    if run.figures:
        console.print(figures_table(machine, run.figures))
        console.print(f"{run.saved.folder}", style="dim", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
