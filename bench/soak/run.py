"""One run: the top rate, then half of it for an hour, with everything that could grow in view."""

import json
import shutil
import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import Annotated

import typer
from psycopg.conninfo import make_conninfo
from rich.console import Console
from rich.table import Table

from bench.freshness.pacing import endless, pace, rotate, wait_for
from bench.freshness.part import FRESH
from bench.harness.our_job import BENCH_HOME, running_job
from bench.harness.progress import run_bar
from bench.soak.judge import Round, Verdict, judge
from bench.soak.plot import plot_soak
from bench.soak.sampler import Sampler
from bench.throughput.measure import Plan, link, measure
from bench.throughput.workload import Workload
from jobs.errors import InterestreamError

INPUT = BENCH_HOME / "input"
HEAP = "-Xms2500m -Xmx2500m"
"""The size is fixed, as a TaskManager's is: a heap that may grow does so before it is cleaned."""
ROUND_S = 30.0
"""Events of so many seconds are prepared at a time; their delays make one point of the plot."""
BOUNDED = ("retention.duplicate_ttl_s=300", "checkpoints.interval_ms=10000")
"""The state reaches its size within minutes: ids of events are kept for five, not for a week."""

console = Console()


def main(
    minutes: Annotated[float, typer.Option(min=1, help="at half of the top rate")] = 60.0,
    users: Annotated[int, typer.Option(min=1, help="uniformly active")] = 20_000,
    burst: Annotated[int, typer.Option(help="events that find the top rate")] = 600_000,
    out: Annotated[Path, typer.Option(help="folder of plot and figures")] = BENCH_HOME / "soak",
) -> None:
    """Feed events at half of the top rate, and see whether memory, delays and checkpoints are flat.

    Exit code 0 when they are, 1 when they are not, 2 when the run could not be made.
    """
    try:
        flat = soak(minutes * 60, users, burst, out)
    except InterestreamError as error:
        console.print(f"[red]soak:[/] {error}", markup=True, highlight=False)
        sys.exit(2)
    sys.exit(0 if flat else 1)


def soak(seconds: float, users: int, burst_events: int, out: Path) -> bool:
    """Run, write `soak.png` and `soak.json` into `out`, and return whether all stayed flat.

    Raises what `running_job`, `measure` and `pace` raise.
    """
    out.mkdir(parents=True, exist_ok=True)
    workload = Workload(users, burst_events)
    with run_bar(console, "soak", burst_events) as bar:
        bar.step("preparing the input")
        files = workload.files(INPUT)
        settings = [*FRESH, *BOUNDED]
        with running_job(
            workload.catalogue(), settings, bar.step, BENCH_HOME / "ours", java_options=HEAP
        ) as running:
            events = running.streams / "events"
            plan = Plan(burst_events * 2 // 3, 25.0, 60.0)
            release = partial(link, files, events)
            check = running.job.check
            top = measure(running.db, release, burst_events, plan, check, bar.move).events_per_s
            wait_for(running, burst_events)
            rotate(events, keep=0)
            lines, fed = endless(workload), burst_events
            job_id = next(iter(running.job.rest.jobs()))
            info = running.db.info
            dsn = make_conninfo(info.dsn, password=info.password)
            sampler = Sampler(running.job.rest, job_id, dsn)
            rounds: list[Round] = []
            sampler.start()
            tidy = partial(rotate, events)
            for number in count(1):
                bar.step(f"{top / 2:,.0f} events/s, {number * ROUND_S / 60:.1f} minutes")
                found, fed = pace("soak", top / 2, ROUND_S, running, lines, fed, tidy)
                at_s = number * ROUND_S
                rounds.append(Round(at_s, found.delay_ms[50], found.delay_ms[99]))
                if at_s >= seconds:
                    break
            sampler.stop()
    shutil.rmtree(BENCH_HOME / "ours", ignore_errors=True)
    verdicts = judge(sampler.samples, rounds, sampler.samples[-1].at_s)
    title = f"{top / 2:,.0f} events/s of {users:,} users, all steps"
    plot_soak(title, sampler.samples, rounds, out / "soak.png")
    (out / "soak.json").write_text(
        json.dumps(
            {
                "top_events_per_s": top,
                "events": fed - burst_events,
                "rounds": [one.__dict__ for one in rounds],
                "samples": [one.as_json() for one in sampler.samples],
            }
        )
    )
    console.print(_table(title, verdicts))
    grown = sampler.samples[-1].database_mb - sampler.samples[0].database_mb
    console.print(
        f"{fed - burst_events:,} events, by which the database grew by {grown:,.0f} MB;"
        f" plot and figures: {out}",
        highlight=False,
    )
    return all(one.ok for one in verdicts)


def _table(title: str, verdicts: list[Verdict]) -> Table:
    table = Table("What", title=title, title_justify="left")
    table.add_column("Second quarter", justify="right")
    table.add_column("Last quarter", justify="right")
    table.add_column("")
    for one in verdicts:
        mark = "[green]flat[/]" if one.ok else "[red]grows[/]"
        table.add_row(one.name, f"{one.before:,.0f}", f"{one.after:,.0f}", mark)
    return table
