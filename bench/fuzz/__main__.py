"""`python -m bench.fuzz`: sends 100,000 broken records through the real job and checks each one."""

import enum
import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import psycopg
import typer
from rich.console import Console
from rich.text import Text

from bench.fuzz.corpus import ContradictionError, build
from bench.fuzz.foreign.corpus import build_foreign
from bench.fuzz.foreign.shop import MAPPING
from bench.fuzz.judge import Verdict, judge
from bench.fuzz.run import LinesLostError, run
from bench.verify.recompute import Bounds
from bench.verify.recompute.validation import DAY_MS
from bench.verify.reference_encoder import ReferenceEncoder
from jobs.errors import InterestreamError, JobFailedError
from jobs.local.stack import HOME, fresh_postgres, stack
from jobs.replay.progress_bars import replay_bars
from model_export.ensure import ensure_bundle

console = Console()


class Shape(enum.Enum):
    """What the records are."""

    CONTRACT = "contract"
    SHOP = "shop"


def main(
    records: Annotated[int, typer.Option(min=1, help="broken records")] = 100_000,
    seed: Annotated[int, typer.Option(help="the same seed makes the same bytes")] = 1,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="configuration of the job, SECTION.KEY=VALUE")
    ] = None,
    work: Annotated[Path, typer.Option(help="working folder, emptied")] = HOME / "fuzz",
    shape: Annotated[
        Shape | None, typer.Option(help="the records' shape: one of the two, else one by one")
    ] = None,
) -> None:
    """Send broken records, among good ones, through the real job, and check what became of each.

    They are records of the contract, and then a fifth as many records of a shop's own shape, which
    a mapping in the job makes records of the contract of.

    Exit code 0 when every line became what it must, 1 when one did not, 2 when the check could
    not be made.
    """
    try:
        shapes = [shape] if shape is not None else list(Shape)
        held = [fuzz(records, seed, setting or [], work, one) for one in shapes]
    except (InterestreamError, ContradictionError) as error:
        console.print(Text(f"fuzz: {error}", "red"))
        sys.exit(2)
    except KeyboardInterrupt:
        console.print("Stopped.")
        sys.exit(130)
    sys.exit(0 if all(held) else 1)


def fuzz(
    records: int, seed: int, settings: list[str], work: Path, shape: Shape = Shape.CONTRACT
) -> bool:
    """Make the records, feed, check and print; returns whether every line became what it must.

    Of the shop's shape there are a fifth of `records`. `settings` are the job's,
    SECTION.KEY=VALUE; the folder `work` is emptied. Raises InterestreamError when something cannot
    be started, and ContradictionError when a record is not what it was made to be.
    """

    def show(step: str) -> None:
        console.print(f"[dim]{step}[/]", highlight=False)

    now_ms = int(time.time() * 1000)
    bounds = Bounds(latest_ms=now_ms + DAY_MS)
    if shape is Shape.SHOP:
        records = max(records // 5, 1)
    console.print(
        f"[dim]Making {records:,} broken records of the shape '{shape.value}'[/]", highlight=False
    )
    corpus = (
        build(seed, records, bounds) if shape is Shape.CONTRACT else build_foreign(seed, records)
    )
    broken = sum(line.broken for line in corpus.lines)
    console.print(
        f"{len(corpus.lines):,} lines, {broken:,} of them broken,"
        f" {sum(len(line.raw) for line in corpus.lines) / 1e6:,.0f} MB, seed {seed}",
        highlight=False,
    )
    catalogue = ("bread and flour", "a garden of herbs", "stars and comets", "a chair of oak")
    with fresh_postgres(work / "postgres") as server:
        settings = [*settings, *_mapped(work)] if shape is Shape.SHOP else settings
        started = time.perf_counter()
        with stack(
            server.dsn,
            ensure_bundle(HOME / "bundles", show),
            catalogue,
            work / "job",
            overrides=["encoder.threads=2", *settings],
            on_step=show,
        ) as running:
            try:
                with replay_bars(console) as progress:
                    run(corpus, running, progress)
            except LinesLostError as error:
                # The check below names the lost lines.
                console.print(Text(str(error), "bold red"))
            except JobFailedError as error:
                console.print(Text(f"The job failed: {error}", "bold red"))
                return False
        encoder = ReferenceEncoder(
            running.bundle, _mean(server.dsn, running.space_id), console=console
        )
        verdict = judge(corpus, server.dsn, running.space_id, encoder, now_ms, bounds)
        _print(verdict)
    console.print(f"{time.perf_counter() - started:,.0f} s", highlight=False)
    return verdict.ok


def _mapped(work: Path) -> list[str]:
    """The settings of a job that reads the shop's shape."""
    path = (work / "shop.toml").absolute()
    path.write_text(MAPPING)
    return [f"sources.formats.{stream}.mapping={path}" for stream in ("events", "items")]


def _print(verdict: Verdict) -> None:
    console.print(verdict.table())
    assert verdict.rows is not None
    verdict.rows.print(console)
    for what, count in verdict.faults.items():
        console.print(Text(f"{count:,} {what}", "bold red"))
    for example in verdict.examples:
        console.print(Text(f"  {example}", "red"))
    if verdict.ok:
        console.print(
            Text(
                "Every broken line is one dead letter with its bytes, every good one has its"
                " effect, and the job runs.",
                "bold green",
            )
        )


def _mean(dsn: str, space_id: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    with psycopg.connect(dsn) as db:
        row = db.execute(
            "SELECT mean FROM interestream.spaces WHERE space_id = %s", (space_id,)
        ).fetchone()
    assert row is not None
    return np.array(row[0], dtype=np.float32)


if __name__ == "__main__":
    typer.run(main)
