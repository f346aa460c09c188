"""Feeds a data set so that its end is decided: every phase is worked off before the next."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import psycopg

from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.order import shuffled
from jobs.local.stack import Stack
from jobs.replay.replay import Replay, ReplayReport
from jobs.simulator import Chapter, SimulatedDataset
from jobs.sinks.read_progress import read_progress

QUIET_S = 3.0
"""When no counter has moved for so long, what waits is joined and every operator has what it was
sent; what waits for an item is looked after every second."""


@dataclass(frozen=True)
class _Again:
    """Lines that every loop begins anew."""

    read: Callable[[], Iterator[Line]]

    def __iter__(self) -> Iterator[Line]:
        return self.read()


def phases_of(dataset: Dataset, lateness_ms: int = 0, seed: int = 1) -> list[Chapter]:
    """The chapters of a simulation, or all of a data set in one phase; with a lateness the events
    of each phase are delayed by up to so many milliseconds, at random."""
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
    """Replays phases into a running job."""

    def __init__(
        self,
        db: psycopg.Connection,
        running: Stack,
        on_progress: Callable[[str, int, int | None], None],
    ) -> None:
        self._db = db
        self._running = running
        self._replay = Replay(
            db,
            running.space_id,
            running.feed,
            check=running.job.check,
            trouble=running.job.last_warning,
            on_progress=on_progress,
        )

    def run(self, phase: Chapter) -> ReplayReport:
        """Feed items, events and commands, and wait after each until nothing moves."""
        items = self._feed(items=phase.items)
        events = self._feed(events=phase.events)
        before = self._obeyed()
        if commands := self._running.feed.write_control(phase.control):
            while self._obeyed() < before + commands:
                self._running.job.check()
                time.sleep(0.1)
            self._until_quiet()
        return replace(
            items, events=events.events, events_s=events.events_s, counters=events.counters
        )

    def _feed(self, items: Iterable[Line] = (), events: Iterable[Line] = ()) -> ReplayReport:
        report = self._replay.run(
            Dataset("phase", items=lambda: iter(items), events=lambda: iter(events))
        )
        self._until_quiet()
        return report

    def _obeyed(self) -> int:
        return read_progress(self._db, self._running.space_id)["control"].records_in

    def _until_quiet(self) -> None:
        before, since = None, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            self._running.job.check()
            now = read_progress(self._db, self._running.space_id)
            if now != before or any(progress.unwritten for progress in now.values()):
                before, since = now, time.monotonic()
            time.sleep(0.1)
