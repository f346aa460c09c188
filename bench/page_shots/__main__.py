"""`python -m bench.page_shots`: a system as of `interestream demo`, and a picture of each page."""

import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import psycopg
import typer
from rich.console import Console

from bench.page_shots.pictures import take_pictures
from jobs.datasets.dataset import Dataset, Line
from jobs.local.page import local_page
from jobs.local.stack import HOME, Stack, fresh_postgres, stack
from jobs.maintenance.topic_history import keep_topic_history
from jobs.simulator import simulated_dataset
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import documents
from model_export.ensure import ensure_bundle

console = Console()
DAYS = 21
PER_RUN = 3
"""Days of events between two runs that keep the topics of a day."""
DAY_MS = 86_400_000

_ITEM = """
SELECT n.item_id FROM interestream.item_neighbors AS n
ORDER BY n.interactions DESC, n.item_id LIMIT 1
"""
_USER = """
SELECT h.user_id FROM interestream.user_topic_history AS h
JOIN interestream.users AS u ON u.space_id = h.space_id AND u.user_id = h.user_id
WHERE u.events >= 20
GROUP BY h.user_id ORDER BY count(*) DESC, max(cardinality(h.topics)) DESC, h.user_id LIMIT 1
"""


def main(
    out: Annotated[Path, typer.Option(help="folder of the pictures")] = Path("docs/page"),
    users: Annotated[int, typer.Option(help="simulated users")] = 400,
    items: Annotated[int, typer.Option(help="items")] = 1_500,
    events: Annotated[int, typer.Option(help="events")] = 12_000,
) -> None:
    """Feed a simulated population day by day, keep its topics, and take the pictures."""
    dataset = simulated_dataset(seed=11, users=users, items=items, events=events, days=DAYS)
    work = HOME / "page-shots"
    with (
        fresh_postgres(work / "postgres") as server,
        stack(
            server.dsn,
            ensure_bundle(HOME / "bundles", _show),
            documents(dataset.items()),
            work / "job",
            on_step=_show,
        ) as running,
        psycopg.connect(server.dsn, autocommit=True) as db,
    ):
        _feed(db, running, dataset)
        db.execute("SELECT interestream.index_space(%s)", (running.space_id,))
        db.execute("ANALYZE")
        pages = _pages(db)
        streams = running.feed.root
        with local_page(server.dsn, streams, work / "page.log", accepts=["events"]) as served:
            _show(served.sentence())
            for name, size in take_pictures(served.address, pages, out).items():
                console.print(f"{out / name}.png: {size / 1000:.0f} kB", highlight=False)


def _feed(db: psycopg.Connection, running: Stack, dataset: Dataset) -> None:
    target = running.feed.write_items(dataset.items())
    _wait(db, running, "items", target)
    target = 0
    for number, lines in _by_days(dataset):
        target += running.feed.write_events(lines)
        _wait(db, running, "events", target)
        row = db.execute("SELECT now() - interval '1 year'").fetchone()
        assert row is not None
        kept = keep_topic_history(DAYS + 7, db, row[0], False)
        _show(f"Days up to {number * PER_RUN}: topics of {kept.written} users were kept")


def _by_days(dataset: Dataset) -> Iterator[tuple[int, list[Line]]]:
    """The events in groups of days, in the order of the data set; broken ones with the last one."""
    first_ms: int | None = None
    last = 1
    parts: list[tuple[int, Line]] = []
    for line in dataset.events():
        at_ms = line.get("event_time") if isinstance(line, dict) else None
        if isinstance(at_ms, int):
            first_ms = at_ms if first_ms is None else first_ms
            last = max(last, (at_ms - first_ms) // (PER_RUN * DAY_MS) + 1)
        parts.append((last, line))
    for number, group in groupby(parts, key=lambda part: part[0]):
        yield number, [line for _, line in group]


def _wait(db: psycopg.Connection, running: Stack, stream: str, target: int) -> None:
    while True:
        running.job.check()
        done = read_progress(db, running.space_id)[stream]
        if done.records_in >= target and not done.unwritten:
            return
        time.sleep(0.2)


def _pages(db: psycopg.Connection) -> dict[str, str]:
    ((item,),) = db.execute(_ITEM).fetchall()
    ((user,),) = db.execute(_USER).fetchall()
    of_user = urlencode({"id": user})
    return {
        "overview": "/",
        "users": "/users",
        "user": f"/user?{of_user}",
        "user-dark": f"/user?{of_user}",
        "items": "/items",
        "item": f"/item?{urlencode({'id': item, 'user': user})}",
        "map": "/map",
        "map-user": f"/map?{urlencode({'user': user, 'colour': 'popularity'})}",
        "models": "/models",
    }


def _show(step: str) -> None:
    console.print(f"[dim]{step}[/]", highlight=False)


if __name__ == "__main__":
    typer.run(main)
