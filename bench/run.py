"""Measure everything that docs/performance.md speaks of: one table, JSON with history, plots.

Nothing else should run on the machine meanwhile. `--only` picks parts, `--quick` makes every
part small: figures of a quick run say that it works, and nothing else.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console

from bench.encoder.part import run_encoder
from bench.freshness.part import run_freshness
from bench.harness.figures import Figure
from bench.harness.machine import describe_machine
from bench.history import Saved
from bench.recommend.part import run_recommend
from bench.report import figures_table, markdown, put_into, threads_table
from bench.state.part import run_state
from bench.throughput.measure import Plan
from bench.throughput.part import (
    ENGINES,
    OURS,
    Batches,
    Done,
    batch_events_of,
    cases,
    figures,
    run_case,
)
from bench.throughput.peer import require_peers
from bench.throughput.profiles import PROFILES
from bench.throughput.slope import TooFewSamplesError
from bench.throughput.workload import Spread
from jobs.errors import InterestreamError
from model_export.errors import ExportError
from sql.errors import ApplyError
from udfs.errors import UdfError

PARTS = ("throughput", "encoder", "freshness", "state", "recommend")
WIDTH = 170
"""Of the table where there is no terminal."""
console = Console(width=None if sys.stdout.isatty() else WIDTH)


@dataclass(frozen=True)
class Sizes:
    """How much each part measures; see the options of the command."""

    users: str
    spreads: str
    modes: str
    events: int
    warm_up_s: float
    limit_s: float
    texts: int
    encoder_s: float
    burst_events: int
    paced_s: float
    state_users: int
    state_events: int
    kills: int


FULL = Sizes(
    users="20000,200000",
    spreads="uniform,zipf",
    modes="live,replay",
    events=2_000_000,
    warm_up_s=30.0,
    limit_s=90.0,
    texts=6_000,
    encoder_s=20.0,
    burst_events=1_000_000,
    paced_s=60.0,
    state_users=20_000,
    state_events=400_000,
    kills=5,
)
QUICK = Sizes(
    users="2000",
    spreads="uniform",
    modes="live",
    events=60_000,
    warm_up_s=5.0,
    limit_s=20.0,
    texts=600,
    encoder_s=3.0,
    burst_events=40_000,
    paced_s=8.0,
    state_users=1_000,
    state_events=10_000,
    kills=1,
)


@dataclass
class Run:
    """What has been measured so far; a part that fails does not take the others with it."""

    figures: list[Figure] = field(default_factory=list)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failed: bool = False

    def add(self, part: str, measured: dict[str, Any]) -> None:
        self.parts.setdefault(part, []).append(measured)

    @contextlib.contextmanager
    def attempt(self, name: str) -> Iterator[None]:
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


def main(
    only: Annotated[str, typer.Option(help="parts to run, by commas")] = ",".join(PARTS),
    quick: Annotated[bool, typer.Option("--quick", help="small sizes, minutes not hours")] = False,
    ours: Annotated[bool, typer.Option("--ours", help="only our job, not its peers")] = False,
    engines: Annotated[str, typer.Option(help="of throughput, by commas")] = ",".join(ENGINES),
    batches: Annotated[
        str, typer.Option(help="a peer's: same (as many events as ours), free (by the clock)")
    ] = "same,free",
    profile: Annotated[str, typer.Option(help="what is switched on, by commas")] = ",".join(
        PROFILES
    ),
    mode: Annotated[str | None, typer.Option(help="of throughput: live,replay")] = None,
    users: Annotated[str | None, typer.Option(help="distinct users, by commas")] = None,
    spread: Annotated[str | None, typer.Option(help="of users: uniform,zipf")] = None,
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
    sizes, overrides, run = (QUICK if quick else FULL), setting or [], Run()
    wanted, profiles = _names(only), _names(profile)
    if unknown := [name for name in wanted if name not in PARTS]:
        raise typer.BadParameter(f"no such part: {', '.join(unknown)}; there are {PARTS}")
    machine = describe_machine()
    console.print("\n".join(machine.lines()), highlight=False, style="dim", soft_wrap=True)
    saved = Saved(machine, quick=quick)
    throughput: list[Done] = []

    def throughput_part() -> None:
        measured = events or sizes.events
        chosen = [OURS] if ours else _names(engines)
        if chosen != [OURS]:
            require_peers()
        plan = Plan(
            measured,
            sizes.warm_up_s if warm_up_s is None else warm_up_s,
            limit_s or sizes.limit_s,
        )
        planned = list(
            cases(
                chosen,
                profiles,
                _names(mode or sizes.modes),
                [int(count) for count in _names(users or sizes.users)],
                [_spread(name) for name in _names(spread or sizes.spreads)],
                [_batches(name) for name in _names(batches)],
                # Enough for the warm-up of the fastest.
                total=measured * 5 // 2,
            )
        )
        for number, case in enumerate(planned, start=1):
            console.print(f"run {number} of {len(planned)}: {case.name}", style="dim")
            with run.attempt(case.name):
                limit = batch_events_of(case, throughput)
                throughput.append(run_case(case, plan, console, overrides, limit))
                run.add("throughput", throughput[-1].as_json())
                saved.write(run.parts, run.figures + figures(throughput))
        run.figures += figures(throughput)

    def encoder_part() -> None:
        for count in _names(threads)[: 1 if quick else None]:
            with run.attempt(f"encoder, {count} threads"):
                done = run_encoder(sizes.texts, int(count), sizes.encoder_s, console, overrides)
                run.add("encoder", done.as_json())
                run.figures += done.figures()

    def freshness_part() -> None:
        for name in profiles:
            with run.attempt(f"freshness, {name}"):
                done = run_freshness(
                    name,
                    int(_names(users or sizes.users)[0]),
                    sizes.burst_events,
                    sizes.paced_s,
                    console,
                    overrides,
                )
                run.add("freshness", done.as_json())
                run.figures += done.figures()

    def state_part() -> None:
        done = run_state(
            "all", sizes.state_users, sizes.state_events, sizes.kills, console, overrides
        )
        run.add("state", done.as_json())
        run.figures += done.figures()

    def recommend_part() -> None:
        found, told = run_recommend(console, quick=quick)
        run.add("recommend", told)
        run.figures += found

    parts: dict[str, Callable[[], None]] = {
        "throughput": throughput_part,
        "encoder": encoder_part,
        "freshness": freshness_part,
        "state": state_part,
        "recommend": recommend_part,
    }
    try:
        for name in wanted:
            with run.attempt(name):
                parts[name]()
            saved.write(run.parts, run.figures)
    except KeyboardInterrupt:
        console.print("Stopped; what was measured is kept.")
        sys.exit(130)
    finally:
        if run.figures:
            console.print(figures_table(machine, run.figures))
            console.print(f"{saved.folder}", style="dim", highlight=False, soft_wrap=True)
    if page is not None:
        page.write_text(put_into(page.read_text(), markdown(machine, run.figures)))
    if (show_threads or ours) and throughput:
        console.print(threads_table(throughput))
    sys.exit(2 if run.failed else 0)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _spread(name: str) -> Spread:
    return "zipf" if name == "zipf" else "uniform"


def _batches(name: str) -> Batches:
    return "same" if name == "same" else "free"


if __name__ == "__main__":
    typer.run(main)
