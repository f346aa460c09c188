"""Measure `recommend()`: warm, under concurrent writes, beside the exact answer by brute force.

Vectors are titles encoded with the packaged encoder and, beyond them, variations that lie as the
titles do (see `bench/recommend/catalogue.py`). Databases are kept and used again.
"""

import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import orjson
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.machine import Machine, describe_machine
from bench.progress import RunBar, run_bar
from bench.recommend.catalogue import neighbour_profile
from bench.recommend.database import Built, database
from bench.recommend.exact import Exact, popularity
from bench.recommend.measure import Measured, cases, measure, recalls
from bench.recommend.titles import Titles, encoded_titles
from bench.recommend.writer import writing
from jobs.embedded import HOME
from jobs.errors import InterestreamError
from model_export.ensure import ensure_bundle
from udfs.errors import UdfError

REACH = {100_000: (15.0, 0.97), 1_000_000: (40.0, 0.95)}
"""By number of items: p99 in ms, and recall."""
console = Console(width=None if sys.stdout.isatty() else 150)


def main(
    items: Annotated[str, typer.Option(help="sizes of the catalogue, by commas")] = "10000,100000",
    users: Annotated[int, typer.Option(help="people who ask, in turn")] = 500,
    calls: Annotated[int, typer.Option(help="measured answers of each kind")] = 500,
    data: Annotated[
        list[Path] | None, typer.Option(help="folder of a data set whose titles to take; repeat")
    ] = None,
    keep: Annotated[Path, typer.Option(help="where databases are kept")] = HOME / "bench/recommend",
    json: Annotated[Path | None, typer.Option(help="file for the results")] = None,
    build_only: Annotated[
        bool, typer.Option("--build-only", help="make the databases and stop")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="10,000 items, few calls")] = False,
) -> None:
    """Exit code 0 when everything was measured, 2 when something could not be, 130 on Ctrl-C."""
    if quick:
        items, users, calls = "10000", 100, 50
    sizes = [int(size) for size in items.split(",")]
    machine = describe_machine()
    console.print("\n".join(machine.lines()), highlight=False, style="dim", soft_wrap=True)
    told: list[dict[str, Any]] = []
    measured: list[Measured] = []
    try:
        titles = _titles(data or [], keep)
        for size in sizes:
            with run_bar(console, f"{size:,} items", calls) as bar:
                report, found = _one_size(titles, size, users, calls, keep, build_only, bar)
            told.append(report)
            measured += found
    except KeyboardInterrupt:
        console.print("Stopped; databases that were finished are kept.")
        sys.exit(130)
    except (InterestreamError, UdfError, psycopg.Error) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    finally:
        if measured:
            console.print(_table(machine, measured))
    if json is not None:
        figures = [figure.as_json() for figure in _figures(machine, measured)]
        for figure in figures:
            del figure["ratio"]
        written = {"machine": machine.as_json(), "figures": figures, "sizes": told}
        json.parent.mkdir(parents=True, exist_ok=True)
        json.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))


def _titles(folders: Sequence[Path], keep: Path) -> Titles:
    bundle = ensure_bundle(HOME / "bundles", console.print)
    with run_bar(console, "titles", 1) as bar:
        return encoded_titles(
            folders,
            bundle,
            keep / "titles.sqlite",
            lambda done, total: bar.step(f"encoding {done:,} of {total:,}"),
        )


def _one_size(
    titles: Titles, n: int, users: int, calls: int, keep: Path, build_only: bool, bar: RunBar
) -> tuple[dict[str, Any], list[Measured]]:
    with database(titles, n, users, keep, bar.step) as built:
        report: dict[str, Any] = {
            "items": n,
            "titles": min(len(titles.vectors), n),
            "index_s": round(built.index_s, 1),
            "megabytes": round(built.megabytes),
            "neighbours": neighbour_profile(built.items.vectors),
            "neighbours_of_titles": neighbour_profile(titles.vectors),
        }
        if build_only:
            return report, []
        with psycopg.connect(built.dsn, autocommit=True) as db:
            found = _recalls(db, built, min(users, 100), bar, _timed(db, built, calls, bar, report))
        report["measured"] = [one.as_json() for one in found]
        return report, found


def _timed(
    db: psycopg.Connection, built: Built, calls: int, bar: RunBar, report: dict[str, Any]
) -> list[Measured]:
    found = []
    with writing(built.dsn, built.items) as writer:
        for case in cases(built.items):
            rounds = max(calls // 20, 1) if case.many else calls
            told = partial(bar.move, stage=f"{case.name}, k = {case.k}")
            found.append(measure(db, built, case, rounds, told))
    report["written_rows_per_s"] = round(writer.rows_per_s)
    return found


def _recalls(
    db: psycopg.Connection, built: Built, people: int, bar: RunBar, timed: list[Measured]
) -> list[Measured]:
    exact = Exact(built.items, popularity(built.items, built.people))
    found = []
    for case, one in zip(cases(built.items), timed, strict=True):
        if case.many:
            found.append(one)
            continue
        bar.step(f"{case.name}, k = {case.k}: exact answers")
        shares = recalls(db, built, case, exact, people)
        found.append(
            replace(one, recall=float(shares.mean()), recall_p5=float(np.percentile(shares, 5)))
        )
    return found


def _figures(machine: Machine, measured: Sequence[Measured]) -> list[Figure]:
    """p99 and recall of each case; times are judged only where nothing else ran at the start."""
    quiet = machine.load < machine.cores / 2
    found = []
    for one in measured:
        name = f"{one.items:,} items, {one.name}, k = {one.k}"
        p99, recall = REACH.get(one.items, (0.0, 0.0))
        found.append(
            Figure(
                "recommend",
                f"{name}: p99",
                one.p99_ms,
                "ms",
                reference=one.p50_ms,
                reference_name="p50",
                goal=f"<= {p99:.0f} ms" if p99 else "",
                met=one.p99_ms <= p99 if p99 and quiet else None,
                detail=f"backend's CPU {one.cpu_ms:.1f} ms, {one.calls} answers, under writes",
            )
        )
        if one.recall is not None:
            found.append(
                Figure(
                    "recommend",
                    f"{name}: recall",
                    one.recall,
                    "",
                    goal=f">= {recall}" if recall else "",
                    met=one.recall >= recall if recall else None,
                    detail="of the exact list by brute force",
                )
            )
    return found


def _table(machine: Machine, measured: Sequence[Measured]) -> Table:
    table = Table(title="\n".join(machine.lines()), title_justify="left", title_style="")
    table.add_column("items", justify="right")
    table.add_column("asked")
    for name in ("k", "p50 ms", "p99 ms", "CPU ms", "recall", "5th percentile"):
        table.add_column(name, justify="right")
    for number, one in enumerate(measured):
        if number and measured[number - 1].items != one.items:
            table.add_section()
        table.add_row(
            f"{one.items:,}",
            one.name,
            str(one.k),
            f"{one.p50_ms:.1f}",
            f"{one.p99_ms:.1f}",
            f"{one.cpu_ms:.1f}",
            "" if one.recall is None else f"{one.recall:.3f}",
            "" if one.recall_p5 is None else f"{one.recall_p5:.3f}",
        )
    return table


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    typer.run(main)
