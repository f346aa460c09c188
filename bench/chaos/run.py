"""One run: a job as in production, faults after faults, and a comparison of every row."""

import contextlib
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import psycopg
import typer
from psycopg import sql
from psycopg.conninfo import make_conninfo
from rich.console import Console

from bench.chaos.faults import FAULTS, JOB_ROLE, World
from bench.chaos.feeding import SteadyFeed
from bench.chaos.left_behind import processes_of, temporary_files_of
from bench.chaos.machine import Machine
from bench.chaos.recovery import wait_all, wait_full_rate
from bench.chaos.timeline import timeline
from bench.sources.topics import missing_for_topics, running_broker, settings_of
from bench.verify.compare import compare, read_prototypes
from bench.verify.recompute import recompute
from bench.verify.reference_encoder import ReferenceEncoder
from bench.verify.wait_deferred import wait_deferred
from jobs.datasets.dataset import Dataset
from jobs.datasets.detect import open_dataset
from jobs.datasets.feed import DirectoryFeed, Feed
from jobs.datasets.topic_feed import TopicFeed
from jobs.errors import EnvironmentNotReadyError, InterestreamError
from jobs.local.postgres import Server
from jobs.local.stack import HOME, fresh_postgres
from jobs.simulator import simulated_dataset
from jobs.spaces.build import build_space, documents
from model_export.ensure import ensure_bundle
from sql.apply import apply
from tests.fixtures.kafka import Broker

CHECKPOINT_S = 5.0
RATE = 40.0
"""Events a second."""
START_S = 300.0
RECOVERY_S = 300.0
"""A job that has not caught up this long after a fault needs a hand."""
PARTITIONS = 8
"""Of each topic."""

console = Console()


def main(
    data: Annotated[str, typer.Argument(help="a data set's folder, or 'simulator'")] = "simulator",
    seed: Annotated[int, typer.Option(help="decides faults, moments and events")] = 1,
    runs: Annotated[int, typer.Option(min=1, help="seeds in a row, from --seed on")] = 1,
    faults: Annotated[int, typer.Option(min=1, help="how many in a run")] = 20,
    only: Annotated[list[str] | None, typer.Option(help="kinds of faults to draw from")] = None,
    kafka: Annotated[
        bool, typer.Option("--kafka", help=f"topics of {PARTITIONS} partitions, not files")
    ] = False,
    work: Annotated[Path, typer.Option(help="working folder, emptied")] = HOME / "chaos",
) -> None:
    """Inject faults into a job that runs as in production, and compare every row afterwards.

    Exit code 0 when no fault needed a hand, every row is as the input says, and neither a process
    nor a temporary file is left; 1 when not, 2 when the run could not be made.
    """
    try:
        held = True
        for number in range(seed, seed + runs):
            dataset = _open(data, number)
            held &= chaos(dataset, number, faults, only or [], work.absolute(), kafka=kafka)
    except InterestreamError as error:
        console.print(f"[red]chaos:[/] {error}", markup=True, highlight=False)
        sys.exit(2)
    sys.exit(0 if held else 1)


def chaos(
    dataset: Dataset, seed: int, count: int, only: list[str], work: Path, *, kafka: bool = False
) -> bool:
    """Run `count` faults drawn from `seed`; returns whether everything held.

    Events come from files, or with `kafka` from topics of a broker that meets faults, too. Raises
    JobFailedError when the job does not catch up by itself, and EnvironmentNotReadyError where the
    broker's jars are missing.
    """
    for folder in ("streams", "checkpoints", "jobmanager", "taskmanager-0", "taskmanager-1"):
        # What an earlier run has left would be read, and gone on from.
        shutil.rmtree(work / folder, ignore_errors=True)
    with fresh_postgres(work / "postgres") as server, _source(work, kafka=kafka) as source:
        apply(server.dsn)
        bundle = ensure_bundle(HOME / "bundles", _show)
        space_id = build_space(server.dsn, bundle, documents(dataset.items()), sample=200)
        machine = Machine(
            work,
            _job_dsn(server),
            [
                f"encoder.bundle={bundle.absolute()}",
                f"checkpoints.directory={work / 'checkpoints'}",
                f"checkpoints.interval_ms={CHECKPOINT_S * 1000:.0f}",
                "batching.parallelism=2",
                "trends.write_ms=1000",
                *source.settings,
            ],
            task_managers=2,
        )
        world = World(machine, server, source.feed, random.Random(seed), [], [], source.broker)
        steady = SteadyFeed(source.feed, dataset.events(), RATE)

        def fed() -> int:
            return len(steady.fed) + len(world.added_events)

        source.feed.write_items(dataset.items())
        machine.start()
        try:
            steady.start()
            took_s = wait_full_rate(server.dsn, space_id, fed, START_S, "the start")
            console.print(f"the job runs after {took_s:.0f} s; seed {seed}", highlight=False)
            _inject(world, server.dsn, space_id, fed, seed, count, only)
            steady.stop()
            wait_all(server.dsn, space_id, fed, RECOVERY_S, "the end")
            with psycopg.connect(server.dsn, autocommit=True) as db:
                wait_deferred(db, space_id)
            now_ms = int(time.time() * 1000)
        finally:
            steady.stop()
            machine.stop()
        with psycopg.connect(server.dsn) as db:
            prototypes = read_prototypes(db, space_id)
            (mean,) = db.execute(
                "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
            ).fetchone() or ([],)
        expected = recompute(
            [*dataset.items(), *world.added_items],
            [*steady.fed, *world.added_events],
            vectors=ReferenceEncoder(
                bundle, np.array(mean, dtype=np.float32), HOME / "verify-vectors", console=console
            ),
            now_ms=now_ms,
            prototypes=prototypes,
        )
        report = compare(expected, server.dsn, space_id, trends=True)
        report.print(console)
    left = [*processes_of(work), *temporary_files_of(work)]
    for each in left:
        console.print(f"left behind: {each}", highlight=False, markup=False, soft_wrap=True)
    return report.ok and not left


@dataclass(frozen=True)
class _Source:
    """Where the job reads, and who writes there."""

    settings: list[str]
    feed: Feed
    broker: Broker | None = None


@contextlib.contextmanager
def _source(work: Path, *, kafka: bool) -> Iterator[_Source]:
    if not kafka:
        root = work / "streams"
        yield _Source([f"sources.root={root}"], DirectoryFeed(root))
        return
    if missing := missing_for_topics():
        raise EnvironmentNotReadyError(missing)
    with running_broker(work / "broker", PARTITIONS) as (broker, topics):
        # It waits for a broker for as long as a run waits for the job.
        yield _Source(settings_of(topics), TopicFeed(topics, RECOVERY_S), broker)


def _open(data: str, seed: int) -> Dataset:
    if data == "simulator":
        return simulated_dataset(seed=seed, users=300, events=60_000, items=400, days=10)
    return open_dataset(Path(data))


def _inject(
    world: World,
    dsn: str,
    space_id: int,
    fed: Callable[[], int],
    seed: int,
    count: int,
    only: list[str],
) -> None:
    """Inject the faults one after another; each begins when the job runs at full rate again."""
    started = time.monotonic()
    steps = timeline(seed, count, only, topics=world.broker is not None)
    for number, step in enumerate(steps, start=1):
        time.sleep(step.pause_s)
        at_s, starts = time.monotonic() - started, world.machine.starts
        FAULTS[step.name](world)
        took_s = wait_full_rate(dsn, space_id, fed, RECOVERY_S, step.name)
        again = world.machine.starts - starts
        console.print(
            f"{at_s:6.1f} s  {number:2d}/{count}  {step.name:26} back at full rate"
            f" {took_s:5.1f} s after its end ({took_s / CHECKPOINT_S:.1f} checkpoint intervals)"
            + (f", {again} processes started again" if again else ""),
            highlight=False,
            soft_wrap=True,
        )


def _job_dsn(server: Server) -> str:
    """A login of the writer's role, which faults lock out without locking out the run itself."""
    password = "chaos"
    with psycopg.connect(server.dsn, autocommit=True) as db:
        db.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE interestream_writer").format(
                sql.Identifier(JOB_ROLE), sql.Literal(password)
            )
        )
    return make_conninfo(server.dsn, user=JOB_ROLE, password=password)


def _show(step: str) -> None:
    console.print(f"[dim]{step}[/]", highlight=False)
