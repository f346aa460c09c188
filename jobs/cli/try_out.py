"""`interestream try`: a data set replayed into an embedded system that stays up for queries."""

import contextlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from rich.console import Console

from jobs.cli.escape_controls import escape_controls
from jobs.cli.output import print_dataset_notes, print_note
from jobs.datasets.detect import open_dataset
from jobs.local.page import local_page
from jobs.local.stack import HOME, BundleSource, fresh_postgres, stack
from jobs.replay.outcome import Outcome
from jobs.replay.progress_bars import replay_bars
from jobs.replay.replay import Replay
from jobs.spaces.build import documents


def try_data(
    console: Console,
    data: Path,
    mapping: Path | None,
    speed_up: float,
    *,
    bundle_source: BundleSource,
    on_ready: Callable[[dict[str, object]], None] | None = None,
) -> Outcome:
    """Replay `data` into a fresh embedded system; on a terminal, keep it up until Ctrl-C.

    `on_ready` is called with the replay's report, the connection string `dsn` and the folder
    `streams`; without it they are printed. Returns what became of the records. Raises
    InterestreamError with the cause when a part of the system cannot be started or fails.
    """
    dataset = open_dataset(data, mapping)
    print_dataset_notes(dataset)

    def show(step: str) -> None:
        console.print(f"[dim]{step}[/]", highlight=False)

    with contextlib.ExitStack() as resources:
        server = resources.enter_context(fresh_postgres(HOME / "try" / "postgres"))
        running = resources.enter_context(
            stack(
                server.dsn,
                bundle_source(show),
                documents(dataset.items()),
                HOME / "try" / "job",
                overrides=["encoder.threads=2"],
                on_step=show,
            )
        )
        page = resources.enter_context(
            local_page(
                server.dsn,
                running.feed.root,
                HOME / "try" / "page.log",
                accepts=["events"],
                bundle=running.bundle,
            )
        )
        db = resources.enter_context(psycopg.connect(server.dsn, autocommit=True))
        with replay_bars(console) as progress:
            report = Replay(
                db,
                running.space_id,
                running.feed,
                check=running.job.check,
                trouble=running.job.last_warning,
                on_progress=progress,
            ).run(dataset, speed_up)
        print_note(dataset.left_out())
        streams = str(running.feed.root.absolute())
        if on_ready is not None:
            on_ready({**report.as_dict(dataset.name), "dsn": server.dsn, "streams": streams})
        else:
            console.print(
                escape_controls(report.sentence(dataset.name)), highlight=False, markup=False
            )
            console.print(f"psql '{server.dsn}'", highlight=False, soft_wrap=True)
            console.print(f"streams: {streams}", highlight=False, soft_wrap=True)
            console.print(page.sentence(), highlight=False, soft_wrap=True)
        if console.is_terminal and sys.stdin.isatty():
            console.print("[dim]Everything keeps running; Ctrl-C stops it.[/]")
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    running.job.check()
                    threading.Event().wait(1.0)
        return report.outcome
