"""Runs the demo from the start to the report."""

import contextlib
import sys
import threading
import time

import psycopg
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from jobs.demo.report import checks, farewell, table
from jobs.demo.screen import ScreenState, screen
from jobs.demo.story_run import StoryPlayer
from jobs.local.page import local_page
from jobs.local.stack import HOME, BundleSource, Stack, fresh_postgres, stack
from jobs.simulator.simulation import Settings
from jobs.simulator.story import Story, make_story
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import documents

OVERRIDES = (
    "encoder.threads=2",
    "checkpoints.max_restarts=3",
    # Short batches, with all users in one bucket, so that the screen is up to date.
    "batching.batch_ms=50",
    "batching.buckets=1",
    "sources.monitor_interval_ms=20",
)
LINE_EVERY_S = 5.0
"""Seconds between two lines of output where there is no terminal."""


def run_demo(
    console: Console,
    *,
    bundle_source: BundleSource,
    users: int,
    events: int,
    items: int,
    length_s: float,
) -> bool:
    """Play the story and print the report; returns whether every check holds.

    `users`, `events` and `items` are the size of the simulation, `length_s` the seconds of the
    story; `bundle_source` makes the encoder, and gets a function that shows its steps. With a
    terminal everything runs on until Ctrl-C. Raises InterestreamError with the cause when
    something cannot be started or fails.
    """
    began = time.perf_counter()
    settings = Settings(
        users=users, events=events, items=items, end_ms=int(time.time() * 1000), days=30
    )
    with contextlib.ExitStack() as closing:
        steps = _Steps(console)
        closing.callback(steps.close)
        steps.begin("Drawing a population and its catalogue")
        story = make_story(settings, length_s=length_s)
        steps.begin("Starting the embedded Postgres")
        server = closing.enter_context(fresh_postgres(HOME / "demo" / "postgres"))
        running = closing.enter_context(
            stack(
                server.dsn,
                bundle_source(steps.begin),
                documents(story.first_items),
                HOME / "demo" / "job",
                overrides=OVERRIDES,
                on_step=steps.begin,
                mean_sample=300,
                store=HOME / "demo" / "vectors.sqlite",
            )
        )
        page = closing.enter_context(
            local_page(
                server.dsn,
                running.feed.root,
                HOME / "demo" / "page.log",
                accepts=["events"],
                bundle=running.bundle,
            )
        )
        db = closing.enter_context(psycopg.connect(server.dsn, autocommit=True))
        steps.begin("Encoding the catalogue", total=len(story.first_items))
        _load_catalogue(story, running, db, steps)
        steps.close()
        console.print(
            f"Ready after {time.perf_counter() - began:.0f} s: {len(story.first_items):,} items,"
            f" {users:,} people, {len(story.simulation.lines):,} lines in {length_s:.0f} s."
            f" Follow {story.followed}.",
            highlight=False,
        )
        where = page.sentence()
        console.print(where, highlight=False, soft_wrap=True)
        held = _watch(console, story, running, db)
        console.print(f"All of it took {time.perf_counter() - began:.0f} s.", highlight=False)
        console.print(farewell(server.dsn, where), highlight=False, soft_wrap=True)
        if console.is_terminal and sys.stdin.isatty():
            console.print("\n[dim]Everything keeps running; Ctrl-C stops it.[/]")
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    running.job.check()
                    threading.Event().wait(1.0)
            console.print("Stopping ...")
    return held


def _watch(console: Console, story: Story, running: Stack, db: psycopg.Connection) -> bool:
    if console.is_terminal:
        with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
            player = StoryPlayer(
                story,
                running,
                db,
                lambda state: live.update(screen(state, story.followed), refresh=True),
            )
            run = player.play()
    else:
        printer = _Lines(console, story.followed)
        player = StoryPlayer(story, running, db, printer.show)
        run = player.play()
        printer.final()
    p50_ms, p95_ms, p99_ms = run.freshness.percentiles_ms([50, 95, 99])
    console.print(
        f"\n{run.fed:,} events in {run.elapsed_s:.0f} s; written to visible in SQL:"
        f" p50 {p50_ms:.0f} ms, p95 {p95_ms:.0f} ms, p99 {p99_ms:.0f} ms",
        highlight=False,
    )
    held = checks(db, story, run, player.followed())
    console.print(table(held))
    return all(check.holds for check in held)


class _Lines:
    """Output without a terminal: a line every few seconds, and the whole screen at the end."""

    def __init__(self, console: Console, user_id: str) -> None:
        self._console = console
        self._user_id = user_id
        self._next_s = 0.0
        self._printed = 0
        self._last: ScreenState | None = None

    def show(self, state: ScreenState) -> None:
        self._last = state
        for moment in state.moments[self._printed :]:
            self._console.print(moment, highlight=False)
        self._printed = len(state.moments)
        if state.at_s >= self._next_s:
            self._next_s = state.at_s + LINE_EVERY_S
            titles = "; ".join(item.title for item in state.recommendations[:3])
            self._console.print(
                f"{state.at_s:5.1f} s  {state.events_per_s:6,.0f} events/s  "
                f"p50 {state.p50_ms:.0f} ms  {state.counters.dead_letters} dead letters  "
                f"{self._user_id}: {titles}",
                highlight=False,
                soft_wrap=True,
            )

    def final(self) -> None:
        if self._last is not None:
            self._console.print(screen(self._last, self._user_id))


class _Steps:
    """Progress of the setup: a line for each step, with the seconds that it took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bars.add_task("", total=None)
        self._text = ""
        self._began = time.perf_counter()
        self._bars.start()

    def begin(self, text: str, total: int | None = None) -> None:
        self.end()
        self._text, self._began = text, time.perf_counter()
        self._bars.update(self._task, description=text, total=total, completed=0)

    def advance(self, completed: int) -> None:
        self._bars.update(self._task, completed=completed)

    def end(self) -> None:
        if self._text:
            took_s = time.perf_counter() - self._began
            self._console.print(f"  {self._text} [dim]{took_s:.1f} s[/]", highlight=False)
            self._text = ""
            self._bars.update(self._task, description="")

    def close(self) -> None:
        self.end()
        self._bars.stop()


def _load_catalogue(story: Story, running: Stack, db: psycopg.Connection, steps: _Steps) -> None:
    count = running.feed.write_items(story.first_items)
    while (done := read_progress(db, running.space_id)["vectors"].records_in) < count:
        running.job.check()
        steps.advance(done)
        time.sleep(0.1)
    db.execute("SELECT interestream.index_space(%s)", (running.space_id,))
