"""Feeds a data set phase by phase, and waits until each phase is processed."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import psycopg

from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.feed import Feed
from jobs.datasets.order import shuffled
from jobs.local.stack import Stack
from jobs.replay.outcome import Outcome, StreamOutcome
from jobs.replay.replay import CHUNK, Replay, ReplayReport
from jobs.simulator import Chapter, SimulatedDataset
from jobs.sinks.read_progress import read_progress

QUIET_S = 3.0
"""A phase is processed when no counter has changed for this long: the job joins events that wait
for an item every second."""


@dataclass(frozen=True)
class _Again:
    """Lines that are read anew by every loop."""

    read: Callable[[], Iterator[Line]]

    def __iter__(self) -> Iterator[Line]:
        return self.read()


def phases_of(dataset: Dataset, lateness_ms: int = 0, seed: int = 1) -> list[Chapter]:
    """The chapters of a simulation, or all of another data set in one phase.

    With `lateness_ms`, each event of a phase is delayed by up to this long, at random.
    """
    if isinstance(dataset, SimulatedDataset):
        chapters = list(dataset.chapters)
    else:
        chapters = [Chapter(_Again(dataset.items), _Again(dataset.events))]
    return [
        _delayed(chapter, lateness_ms, seed) if lateness_ms else chapter for chapter in chapters
    ]


def _delayed(chapter: Chapter, lateness_ms: int, seed: int) -> Chapter:
    return replace(chapter, events=_Again(lambda: shuffled(chapter.events, lateness_ms, seed)))


class PhasedReplay:
    """Replays phases into a running job; `on_progress` gets stream, records and total.

    `feed` is where the job reads, by default the folders of `running`.
    """

    def __init__(
        self,
        db: psycopg.Connection,
        running: Stack,
        on_progress: Callable[[str, int, int | None], None],
        feed: Feed | None = None,
    ) -> None:
        self._db = db
        self._running = running
        self._feed_of_records = feed or running.feed
        self._replay = Replay(
            db,
            running.space_id,
            self._feed_of_records,
            check=running.job.check,
            trouble=running.job.last_warning,
            on_progress=on_progress,
        )

    def run(self, phase: Chapter) -> ReplayReport:
        """Feed items, events and commands, and wait after each of them.

        Raises JobFailedError when the job fails, ReplayStalledError when it stops reading.
        """
        items = self._feed(phase.items)
        events = self._feed_events(phase.events)
        before = self._commands_read()
        if commands := self._feed_of_records.write_control(phase.control):
            while self._commands_read() < before + commands:
                self._running.job.check()
                time.sleep(0.1)
            self._wait_until_quiet()
        return replace(
            items,
            events=events.events,
            events_s=events.events_s,
            counters=events.counters,
            outcome=Outcome(items.outcome.items, events.outcome.events),
        )

    def _feed(self, items: Iterable[Line]) -> ReplayReport:
        report = self._replay.run(
            Dataset("phase", items=lambda: iter(items), events=lambda: iter(()))
        )
        self._wait_until_quiet()
        return report

    def _feed_events(self, events: Iterable[Line]) -> ReplayReport:
        """Feed events file by file: files that are found together are read in any order."""
        remaining, fed, took_s, outcome = iter(events), 0, 0.0, StreamOutcome()
        while True:
            report = self._replay.run(
                Dataset("phase", items=lambda: iter(()), events=lambda: islice(remaining, CHUNK))
            )
            fed, took_s = fed + report.events, took_s + report.events_s
            outcome += report.outcome.events
            if report.events < CHUNK:
                break
        self._wait_until_quiet()
        return replace(
            report, events=fed, events_s=took_s, outcome=Outcome(StreamOutcome(), outcome)
        )

    def _commands_read(self) -> int:
        return read_progress(self._db, self._running.space_id)["control"].records_in

    def _wait_until_quiet(self) -> None:
        before, since = None, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            self._running.job.check()
            now = read_progress(self._db, self._running.space_id)
            if now != before or any(progress.unwritten for progress in now.values()):
                before, since = now, time.monotonic()
            time.sleep(0.1)
