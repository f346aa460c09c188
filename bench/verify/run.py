"""Replays a data set into a fresh database, and compares every row with a recomputation."""

import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import psycopg
import typer
from rich.console import Console

from bench.verify.compare import compare, read_prototypes
from bench.verify.phased_replay import PhasedReplay, phases_of
from bench.verify.recompute import Phase, recompute_phases
from bench.verify.reference_encoder import ReferenceEncoder
from bench.verify.wait_deferred import wait_deferred
from bench.verify.ways import Through, way
from jobs.datasets.dataset import Dataset
from jobs.datasets.detect import open_dataset
from jobs.datasets.feed import Feed
from jobs.errors import InterestreamError
from jobs.local.stack import HOME, fresh_postgres, stack
from jobs.replay.progress_bars import replay_bars
from jobs.spaces.build import documents
from model_export.ensure import ensure_bundle

console = Console()

SETTINGS = ("neighbors.update_s=1", "neighbors.keep=100000", "trends.write_ms=1000")
"""Settings of the job: what is dropped of an item's neighbors depends on how batches fall, and rows
are written soon."""


def main(
    data: Annotated[str, typer.Argument(help="a data set's folder, or 'simulator'")],
    mapping: Annotated[Path | None, typer.Option(help="column mapping of a generic table")] = None,
    shuffle_s: Annotated[
        float, typer.Option(help="delay each event by up to this many seconds, at random")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="of the shuffle and the simulator")] = 1,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="configuration of the job, SECTION.KEY=VALUE")
    ] = None,
    through: Annotated[
        Through, typer.Option(help="where the job reads: files, topics, records of another shape")
    ] = Through.FILES,
    partitions: Annotated[int, typer.Option(help="of each topic, with --through kafka", min=1)] = 1,
    work: Annotated[Path, typer.Option(help="working folder, emptied")] = HOME / "verify",
) -> None:
    """Replay a data set and compare every row with one that is computed without the job.

    Exit code 0 when every row agrees, 1 when one does not, 2 when the check could not be made.
    """
    try:
        dataset = _open(data, mapping, seed)
        with way(through, work / "way", partitions) as fed:
            settings = [*fed.settings, *(setting or [])]
            agrees = verify(dataset, shuffle_s, seed, settings, work, fed.feed)
    except InterestreamError as error:
        console.print(f"[red]verify:[/] {error}", markup=True, highlight=False)
        sys.exit(2)
    sys.exit(0 if agrees else 1)


def verify(
    dataset: Dataset,
    shuffle_s: float,
    seed: int,
    settings: list[str],
    work: Path,
    feed: Feed | None = None,
) -> bool:
    """Replay, recompute, compare and print; returns whether all rows agree.

    Each event is delayed by up to `shuffle_s` seconds at random; `settings` are the job's, as
    SECTION.KEY=VALUE; the folder `work` is emptied. `feed` is where the job reads by these
    settings, by default folders. Raises InterestreamError when something cannot be started or
    fails.
    """

    def show(step: str) -> None:
        console.print(f"[dim]{step}[/]", highlight=False)

    phases = phases_of(dataset, round(shuffle_s * 1000), seed)
    with fresh_postgres(work / "postgres") as server:
        with stack(
            server.dsn,
            ensure_bundle(HOME / "bundles", show),
            documents(dataset.items()),
            work / "job",
            overrides=[*SETTINGS, *settings],
            on_step=show,
        ) as running:
            now_ms = int(time.time() * 1000)
            with (
                psycopg.connect(running.dsn, autocommit=True) as db,
                replay_bars(console) as progress,
            ):
                replay = PhasedReplay(db, running, progress, feed)
                reports = [replay.run(phase) for phase in phases]
                wait_deferred(db, running.space_id, running.job.check)
                prototypes = read_prototypes(db, running.space_id)
                row = db.execute(
                    "SELECT mean FROM interestream.spaces WHERE space_id = %s", (running.space_id,)
                ).fetchone()
            assert row is not None
        encoder = ReferenceEncoder(
            running.bundle,
            np.array(row[0], dtype=np.float32),
            HOME / "verify-vectors",
            console=console,
        )
        expected = recompute_phases(
            [Phase(phase.items, phase.events, phase.control) for phase in phases],
            vectors=encoder,
            now_ms=now_ms,
            prototypes=prototypes,
        )
        compared = compare(expected, server.dsn, running.space_id, neighbors=True, trends=True)
        compared.print(console)
    for number, report in enumerate(reports, start=1):
        name = dataset.name if len(reports) == 1 else f"{dataset.name}, phase {number}"
        console.print(report.sentence(name), highlight=False)
    return compared.ok


def _open(data: str, mapping: Path | None, seed: int) -> Dataset:
    if data == "simulator":
        from jobs.simulator import simulated_dataset  # noqa: PLC0415

        return simulated_dataset(seed=seed)
    dataset = open_dataset(Path(data), mapping)
    for note in filter(None, (dataset.unread, *dataset.notes)):
        console.print(f"Note: {note}.", highlight=False, markup=False)
    return dataset
