"""Measures `GET /api/v1/recommend` beside plain SQL, and `POST /api/v1/events`.

Clients, server and Postgres share the machine. Both are asked in turns, with the same numbers of
clients at a time; each client has one connection and asks as soon as it has an answer. The database
is that of `bench.recommend`.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import orjson
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from bench.api.compare import GOAL, compare
from bench.api.http_clients import event_clients, http_clients
from bench.api.load import Load, load, together
from bench.api.served import Server, served
from bench.api.sql_clients import sql_clients
from bench.harness.machine import describe_machine
from bench.harness.our_job import BENCH_HOME
from bench.harness.progress import run_bar
from bench.recommend.database import database
from bench.recommend.titles import titles
from jobs.errors import InterestreamError
from jobs.local.stack import HOME
from model_export.ensure import ensure_bundle
from model_export.errors import ExportError
from sql.errors import ApplyError
from udfs.errors import UdfError

USERS = 500
"""As `bench.recommend` has, whose database this is."""
K = 10
console = Console(width=None if sys.stdout.isatty() else 150)


def main(
    items: Annotated[int, typer.Option(help="size of the catalogue")] = 10_000,
    clients: Annotated[str, typer.Option(help="clients at a time, by commas")] = "1,2,3,4,6,8,12",
    writers: Annotated[str, typer.Option(help="the same, who post events")] = "1,8,32",
    seconds: Annotated[float, typer.Option(help="of each turn")] = 10.0,
    turns: Annotated[int, typer.Option(help="how often each is measured")] = 3,
    keep: Annotated[Path, typer.Option(help="folder of the databases")] = BENCH_HOME / "recommend",
    json: Annotated[Path | None, typer.Option(help="file for the results")] = None,
) -> None:
    """Exit code 0 when everything was measured, 2 when something could not be."""
    levels, posting = ([int(each) for each in text.split(",")] for text in (clients, writers))
    machine = describe_machine()
    console.print("\n".join(machine.lines()), highlight=False, style="dim", soft_wrap=True)
    try:
        bundle = ensure_bundle(HOME / "bundles", console.print)
        texts = titles([], bundle, keep / "titles.sqlite")
        with (
            run_bar(console, f"{items:,} items", 0) as bar,
            database(texts, items, USERS, keep, bar) as built,
            TemporaryDirectory() as streams,
            served(built.dsn, Path(streams), max(levels)) as server,
        ):
            bar.step("asking")
            found = asyncio.run(_measure(built.dsn, server, levels, posting, seconds, turns))
    except (InterestreamError, UdfError, ExportError, ApplyError, psycopg.Error) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    _show(found)
    if json is not None:
        written: dict[str, Any] = {"machine": machine.as_json(), "items": items}
        written |= {name: [one.as_json() for one in loads] for name, loads in found.items()}
        json.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))


async def _measure(
    dsn: str,
    server: Server,
    levels: Sequence[int],
    posting: Sequence[int],
    seconds: float,
    turns: int,
) -> dict[str, list[Load]]:
    found: dict[str, list[Load]] = {"sql": [], "api": [], "events": []}
    async with http_clients(server.port, max(levels), K) as asks:
        # Warm: every user was asked for, and every connection is open.
        await load(asks, USERS, seconds, K)
    before_s, answers = server.cpu_s(), 0
    for count in levels:
        parts: dict[str, list[Load]] = {"sql": [], "api": []}
        for _ in range(turns):
            async with sql_clients(dsn, count, K) as asks:
                parts["sql"].append(await load(asks, USERS, seconds, K))
            async with http_clients(server.port, count, K) as asks:
                parts["api"].append(await load(asks, USERS, seconds, K))
                answers += parts["api"][-1].answers
        for name, loads in parts.items():
            found[name].append(together(loads))
    server_ms = (server.cpu_s() - before_s) * 1000 / answers
    console.print(f"processor time of the server: {server_ms:.2f} ms an answer", highlight=False)
    for count in posting:
        async with event_clients(server.port, count) as asks:
            found["events"].append(await load(asks, USERS, seconds, 1))
    return found


def _show(found: dict[str, list[Load]]) -> None:
    table = Table(title="recommend, k = 10: plain SQL and the API with as many clients at a time")
    for heading in ("clients", "SQL /s", "p50 ms", "p99 ms", "API /s", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    table.add_column("API at the p99 of SQL", justify="right")
    for compared, api in zip(compare(found["sql"], found["api"]), found["api"], strict=True):
        sql = compared.sql
        table.add_row(
            str(sql.clients),
            *(f"{value:.1f}" for value in (sql.rate, sql.p50_ms, sql.p99_ms)),
            *(f"{value:.1f}" for value in (api.rate, api.p50_ms, api.p99_ms)),
            f"{compared.api_rate:.1f}/s, {compared.ratio:.0%} (goal {GOAL:.0%})",
        )
    console.print(table)
    posted = Table(title="one event a request, answered when it is on the disk")
    for heading in ("clients", "events /s", "p50 ms", "p99 ms"):
        posted.add_column(heading, justify="right")
    for one in found["events"]:
        posted.add_row(
            str(one.clients), *(f"{value:.1f}" for value in (one.rate, one.p50_ms, one.p99_ms))
        )
    console.print(posted)


if __name__ == "__main__":
    typer.run(main)
