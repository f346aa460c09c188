"""The part of the benchmark that sets the job's sources side by side: the same events, read from

- `files`: lines of the contract in files of a folder, which is what the others stand beside,
- `kafka`: the same lines as records of a topic with one partition, of a broker on this machine,
- `flat`: files of records with other names of columns, and times in seconds, through a mapping,
- `segment`: files of track calls, through the mapping of the package,
- `debezium`: files of change events without schema, around rows of the contract.

What is comparable:

- Every source has a job and a database of its own, the same settings, and the items in the same
  shape. Sources follow one another in turns, so that a slow hour meets all of them.
- All records are written before the job starts, and appear in one moment, once the catalogue is
  loaded: files are linked into the folder; those of a topic lie in the broker's log, in a
  transaction that is committed then. So the feeder costs nothing while the job is measured, and
  every event finds its item. The job therefore reads the topic with `isolation.level =
  read_committed`, which costs a look at each batch of records.
- The broker runs on the cores of the job, and so takes its part of the rate; its processor time is
  told apart, as that of Postgres is.
- The decode step is a task of its own, which runs beside the interest step. What a mapping costs
  shows in the processor time; the rate falls by less, as long as a core is left.
- At the fixed rate the feeder writes one portion at a time. A delay begins before the portion is
  written: it holds the rename of a file, and for a topic the wait for the broker's answer.
- A file has 100,000 lines, so that the folder stays short: it is listed every 20 ms.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bench.freshness.pacing import KEPT_FILES, endless, pace, rotate, wait_for
from bench.freshness.part import FRESH
from bench.harness.our_job import BENCH_HOME, RunningJob, running_job
from bench.harness.progress import run_bar
from bench.sources.result import FILES, SourceResult
from bench.sources.shapes import SETTINGS, shaped, shaped_files
from bench.sources.topics import WithheldEvents, running_topics, settings_of
from bench.throughput.measure import Plan, link, measure
from bench.throughput.profiles import PROFILES
from bench.throughput.workload import Workload, lines_of
from jobs.datasets.feed import DirectoryFeed, Feed
from jobs.datasets.topic_feed import TopicFeed
from jobs.errors import InterestreamError
from jobs.sinks.read_progress import read_progress

INPUT = BENCH_HOME / "input"
KAFKA = "kafka"
SOURCES = (FILES, KAFKA, *SETTINGS)
EVENTS_PER_S = 5_000
"""The fixed rate of the delays: far below saturation for every source."""
WARM_UP_S, LIMIT_S = 25.0, 60.0


class NotAllAppliedError(InterestreamError):
    """The job did not take all records as events: the source is not what its settings say."""


@dataclass(frozen=True)
class Prepared:
    """The records of a source, written and not yet to be seen."""

    settings: Sequence[str]
    """Where the job reads, SECTION.KEY=VALUE."""
    open_feed: Callable[[Path], Feed]
    release: Callable[[RunningJob], None]
    """Lets the job see the records."""
    tidy: Callable[[RunningJob, int], None]
    """Removes what was read but for the newest files, of which so many stay."""


def run_source(
    source: str,
    turn: int,
    profile: str,
    users: int,
    events: int,
    seconds: float,
    console: Console,
    overrides: Sequence[str] = (),
) -> SourceResult:
    """Measure a burst of `events`, of which the first half warms up, and `seconds` at a fixed rate.

    Raises NotAllAppliedError where a record became no event, BrokerError and TopicNotFilledError
    for topics, and what `running_job`, `measure` and `pace` raise.
    """
    workload = Workload(users, events)
    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(run_bar(console, f"{source} · turn {turn}", events))
        bar.step("preparing the input")
        files = shaped_files(workload, source, INPUT)
        prepared = stack.enter_context(_prepared(source, files))
        settings = [*PROFILES[profile], *FRESH, *prepared.settings, *overrides]
        running = stack.enter_context(
            running_job(workload.catalogue(), settings, bar.step, open_feed=prepared.open_feed)
        )
        burst = measure(
            running.db,
            partial(prepared.release, running),
            events,
            Plan(events // 2, WARM_UP_S, LIMIT_S),
            running.job.check,
            bar.move,
        )
        wait_for(running, events)
        prepared.tidy(running, 0)
        bar.step(f"{EVENTS_PER_S:,} events/s")
        lines = shaped(endless(workload), source)
        tidy = partial(prepared.tidy, running, KEPT_FILES)
        paced, fed = pace("fixed rate", EVENTS_PER_S, seconds, running, lines, events, tidy)
        _check_applied(source, running, fed)
    shutil.rmtree(BENCH_HOME / "ours", ignore_errors=True)
    return SourceResult(source, turn, profile, burst, paced)


@contextlib.contextmanager
def _prepared(source: str, files: Sequence[Path]) -> Iterator[Prepared]:
    if source == KAFKA:
        with running_topics(BENCH_HOME / "broker") as topics:
            withheld = WithheldEvents(topics, lines_of(files))
            yield Prepared(
                settings_of(topics),
                lambda folder: TopicFeed(topics),
                lambda running: withheld.release(),
                lambda running, keep: None,
            )
    else:
        yield Prepared(
            SETTINGS.get(source, ()),
            DirectoryFeed,
            lambda running: link(files, running.streams / "events"),
            lambda running, keep: rotate(running.streams / "events", keep),
        )


def _check_applied(source: str, running: RunningJob, fed: int) -> None:
    read = read_progress(running.db, running.space_id)["events"]
    if (read.records_in, read.applied) != (fed, fed):
        raise NotAllAppliedError(
            f"{source}: of {fed:,} records {read.records_in:,} were read and {read.applied:,}"
            f" applied ({read.dead_letters:,} dead letters, {read.duplicates:,} duplicates)"
        )
