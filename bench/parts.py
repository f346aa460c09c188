"""The parts of the benchmark, and what they have measured."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from rich.console import Console

from bench.encoder.part import run_encoder
from bench.freshness.part import run_freshness
from bench.harness.figures import Figure
from bench.history import Saved
from bench.options import Options
from bench.recommend.part import run_recommend
from bench.sources import result as sources
from bench.sources.part import KAFKA, run_source
from bench.sources.topics import missing_for_topics
from bench.state.part import run_state
from bench.throughput.part import (
    OURS,
    PEERS_PROFILE,
    Result,
    batch_events_of,
    cases,
    figures,
    run_case,
)
from bench.throughput.peer import require_peers
from bench.throughput.slope import TooFewSamplesError
from jobs.errors import InterestreamError
from model_export.errors import ExportError
from sql.errors import ApplyError
from udfs.errors import UdfError

WIDTH = 170
"""Width of the table where there is no terminal."""
console = Console(width=None if sys.stdout.isatty() else WIDTH)


@dataclass
class Run:
    """Everything that was measured so far; it is saved after each part."""

    saved: Saved
    figures: list[Figure] = field(default_factory=list)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Raw results by part."""
    throughput: list[Result] = field(default_factory=list)
    failed: bool = False

    def add(self, part: str, measured: dict[str, Any]) -> None:
        """Keep the raw results of a part."""
        self.parts.setdefault(part, []).append(measured)

    def save(self, more: list[Figure] | None = None) -> None:
        """Write the results so far, with figures that are not in `figures` yet."""
        self.saved.write(self.parts, self.figures + (more or []))

    @contextlib.contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Print an expected error of the block and go on: one part does not end the others."""
        try:
            yield
        except (
            InterestreamError,
            TooFewSamplesError,
            UdfError,
            ExportError,
            ApplyError,
            psycopg.Error,
        ) as error:
            console.print(f"[red]{name}:[/]", end=" ")
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            self.failed = True


def measure_throughput(options: Options, run: Run) -> None:
    """Every engine on every workload."""
    if options.engines != (OURS,):
        require_peers()
    planned = list(
        cases(
            options.engines,
            options.profiles,
            options.modes,
            options.users,
            options.spreads,
            options.batches,
            # Enough events for the warm-up of the fastest engine.
            total=options.plan.events * 5 // 2,
        )
    )
    for number, case in enumerate(planned, start=1):
        console.print(f"run {number} of {len(planned)}: {case.name}", style="dim")
        with run.attempt(case.name):
            limit = batch_events_of(case, run.throughput)
            result = run_case(case, options.plan, console, options.overrides, limit)
            run.throughput.append(result)
            run.add("throughput", result.as_json())
            run.save(figures(run.throughput))
    run.figures += figures(run.throughput)


def measure_encoder(options: Options, run: Run) -> None:
    """The encoder inside the job, with each number of threads."""
    for threads in options.threads[: 1 if options.quick else None]:
        with run.attempt(f"encoder, {threads} threads"):
            result = run_encoder(
                options.sizes.texts, threads, options.sizes.encoder_s, console, options.overrides
            )
            run.add("encoder", result.as_json())
            run.figures += result.figures()


def measure_freshness(options: Options, run: Run) -> None:
    """The time from a file to its rows, with each profile."""
    for profile in options.profiles:
        with run.attempt(f"freshness, {profile}"):
            result = run_freshness(
                profile,
                options.users[0],
                options.sizes.burst_events,
                options.sizes.paced_s,
                console,
                options.overrides,
            )
            run.add("freshness", result.as_json())
            run.figures += result.figures()


def measure_state(options: Options, run: Run) -> None:
    """State, memory, checkpoints, start and recovery, with everything switched on."""
    sizes = options.sizes
    result = run_state(
        "all", sizes.state_users, sizes.state_events, sizes.kills, console, options.overrides
    )
    run.add("state", result.as_json())
    run.figures += result.figures()


def measure_sources(options: Options, run: Run) -> None:
    """The same events from files, from a topic, and from records of other shapes, in turns.

    They are measured with one window, where reading is most of the work, unless the options name
    other profiles alone.
    """
    wanted = options.sources
    if KAFKA in wanted and (missing := missing_for_topics()):
        console.print(f"sources: {KAFKA} is left out: {missing}", markup=False, soft_wrap=True)
        wanted = tuple(name for name in wanted if name != KAFKA)
    profile = PEERS_PROFILE if PEERS_PROFILE in options.profiles else options.profiles[0]
    sizes, done = options.sizes, list[sources.SourceResult]()
    for turn in range(1, options.turns + 1):
        for source in wanted:
            with run.attempt(f"sources, {source}"):
                result = run_source(
                    source,
                    turn,
                    profile,
                    options.users[0],
                    sizes.source_events,
                    sizes.source_paced_s,
                    console,
                    options.overrides,
                )
                done.append(result)
                run.add("sources", result.as_json())
                run.save(sources.figures(done))
    run.figures += sources.figures(done)


def measure_recommend(options: Options, run: Run) -> None:
    """Answers of `recommend()`."""
    found, report = run_recommend(console, quick=options.quick)
    run.add("recommend", report)
    run.figures += found


PARTS: Mapping[str, Callable[[Options, Run], None]] = {
    "throughput": measure_throughput,
    "encoder": measure_encoder,
    "freshness": measure_freshness,
    "state": measure_state,
    "sources": measure_sources,
    "recommend": measure_recommend,
}
