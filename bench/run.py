"""Measures everything in docs/performance.md: one table, results as JSON with history, plots.

Nothing else should run on the machine meanwhile. `--only` picks parts. `--quick` makes every part
small: its figures show that the benchmarks work, and say nothing about the job.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bench.harness.machine import Machine, describe_machine
from bench.history import Saved
from bench.options import FULL, QUICK, Options, batches, names, spread
from bench.parts import PARTS, Run, console
from bench.report import figures_table, put_figures, threads_table
from bench.sources.part import SOURCES
from bench.throughput.measure import Plan
from bench.throughput.part import ENGINES, OURS
from bench.throughput.profiles import PROFILES


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
    source: Annotated[
        str, typer.Option("--sources", help="of the part sources, by commas")
    ] = ",".join(SOURCES),
    turns: Annotated[
        int | None, typer.Option(help="of the part sources: how often each is measured")
    ] = None,
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
    if unknown := [name for name in names(source) if name not in SOURCES]:
        raise typer.BadParameter(f"no such source: {', '.join(unknown)}; there are {SOURCES}")
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
        sources=names(source),
        turns=turns or sizes.source_turns,
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
        options.page.write_text(put_figures(options.page.read_text(), machine, run.figures))
    if options.show_threads and run.throughput:
        console.print(threads_table(run.throughput))
    sys.exit(2 if run.failed else 0)


def _print_figures(machine: Machine, run: Run) -> None:
    if run.figures:
        console.print(figures_table(machine, run.figures))
        console.print(f"{run.saved.folder}", style="dim", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
