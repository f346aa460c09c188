"""Measures `recommend()`: warm, alone and during writes, beside the exact answer by brute force.

Vectors are those of real titles and of variations of them (see `bench/recommend/catalogue.py`).
Databases are built once and used again.
"""

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import psycopg
import typer
from rich.console import Console

from bench.harness.machine import describe_machine
from bench.harness.our_job import BENCH_HOME
from bench.harness.progress import run_bar
from bench.recommend.database import database
from bench.recommend.plan import Plan, measured_of
from bench.recommend.result import Measured, figures, table
from bench.recommend.titles import Titles, titles
from jobs.errors import InterestreamError
from jobs.local.stack import HOME
from model_export.ensure import ensure_bundle
from model_export.errors import ExportError
from sql.errors import ApplyError
from udfs.errors import UdfError

QUICK_WARM_UP = 25
FULL, QUICK = "10000,100000,1000000", "10000"
console = Console(width=None if sys.stdout.isatty() else 150)


def main(
    items: Annotated[str, typer.Option(help="sizes of the catalogue, by commas")] = FULL,
    users: Annotated[int, typer.Option(help="users who are asked for, in turn")] = 500,
    calls: Annotated[int, typer.Option(help="measured answers of each kind")] = 500,
    judged: Annotated[int, typer.Option(help="users whose recall is measured")] = 100,
    data: Annotated[
        list[Path] | None, typer.Option(help="folder of a data set whose titles to use; repeat")
    ] = None,
    keep: Annotated[Path, typer.Option(help="folder of the databases")] = BENCH_HOME / "recommend",
    json: Annotated[Path | None, typer.Option(help="file for the results")] = None,
    only: Annotated[str, typer.Option(help="kinds of question whose name contains this")] = "",
    build_only: Annotated[
        bool, typer.Option("--build-only", help="make the databases and stop")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="10,000 items, few calls")] = False,
) -> None:
    """Exit code 0 when everything was measured, 2 when something could not be, 130 on Ctrl-C."""
    # Warm: every user was asked for before.
    warm_up = users
    if quick:
        items, calls, judged, warm_up = QUICK, 50, 20, QUICK_WARM_UP
    plan = Plan(users, warm_up, calls, min(judged, users), only, build_only)
    machine = describe_machine()
    console.print("\n".join(machine.lines()), highlight=False, style="dim", soft_wrap=True)
    reports: list[dict[str, Any]] = []
    measured: list[Measured] = []
    code = 0
    try:
        bundle = ensure_bundle(HOME / "bundles", console.print)
        texts = titles(data or [], bundle, keep / "titles.sqlite")
        for size in map(int, items.split(",")):
            report, found = _one_size(texts, size, keep, plan)
            reports.append(report)
            measured += found
    except KeyboardInterrupt:
        console.print("Stopped; databases that were finished are kept.")
        code = 130
    except (InterestreamError, UdfError, ExportError, ApplyError, psycopg.Error) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        code = 2
    if measured:
        console.print(table(machine, measured))
    if json is not None and code == 0:
        written = {
            "machine": machine.as_json(),
            "figures": [
                vars(figure) for figure in figures(measured, quiet=machine.load < machine.cores / 2)
            ],
            "sizes": reports,
            "measured": [one.as_json() for one in measured],
        }
        json.parent.mkdir(parents=True, exist_ok=True)
        json.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))
    sys.exit(code)


def _one_size(
    texts: Titles, n: int, keep: Path, plan: Plan
) -> tuple[dict[str, Any], list[Measured]]:
    with (
        run_bar(console, f"{n:,} items", 0) as bar,
        database(texts, n, plan.users, keep, bar) as built,
    ):
        report = {"items": n, **built.details}
        found = [] if plan.build_only else measured_of(built, plan, bar, report)
    return report, found


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    typer.run(main)
