"""Replays a data set into a running job and waits until all of it is committed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

import psycopg

from jobs.core.progress import Progress
from jobs.datasets.dataset import Dataset, Line
from jobs.datasets.feed import DirectoryFeed
from jobs.datasets.order import event_time_ms
from jobs.errors import PostgresGoneError, ReplayStalledError
from jobs.sinks.read_progress import read_progress

CHUNK = 5_000
POLL_S = 0.05

_IS_IT_RUNNING = "is the job running, on this folder and database?"


@dataclass(frozen=True)
class ReplayReport:
    """How much was fed, and how long it took until it was committed, in seconds."""

    items: int
    events: int
    items_s: float
    events_s: float
    counters: Progress

    @property
    def events_per_s(self) -> float:
        return self.events / self.events_s if self.events_s else 0.0

    def as_dict(self, name: str) -> dict[str, object]:
        """The report for programs."""
        return {
            "name": name,
            "items": self.items,
            "items_s": self.items_s,
            "events": self.events,
            "events_s": self.events_s,
            "events_per_s": self.events_per_s,
            "counters": asdict(self.counters),
        }

    def sentence(self, name: str) -> str:
        """The report in words."""
        found = self.counters
        return (
            f"{name}: {self.events:,} events committed in {self.events_s:.1f} s"
            f" ({self.events_per_s:,.0f} events/s), {self.items:,} items in {self.items_s:.1f} s."
            f" In all: {found.applied:,} applied, {found.duplicates:,} duplicates,"
            f" {found.dead_letters:,} dead letters, {found.waiting:,} waiting for their item."
        )


class Replay:
    """One replay into the streams that the job watches.

    `check` is called while waiting and may raise (a job that failed); `trouble` is asked what
    the job complains of when nothing moves; `on_progress` is told the stage, what is committed,
    and the total where it is known.
    """

    def __init__(
        self,
        db: psycopg.Connection,
        space_id: int,
        feed: DirectoryFeed,
        *,
        check: Callable[[], None] = lambda: None,
        trouble: Callable[[], str] = lambda: "",
        on_progress: Callable[[str, int, int | None], None] = lambda *_: None,
        stall_s: float = 180.0,
    ) -> None:
        self._db = db
        self._space_id = space_id
        self._feed = feed
        self._check = check
        self._trouble = trouble
        self._on_progress = on_progress
        self._stall_s = stall_s

    def run(self, dataset: Dataset, speed_up: float = 0.0) -> ReplayReport:
        """Feed items, then events, `speed_up` times as fast as they happened (0: as fast as it
        goes). Raises ReplayStalledError when nothing is committed for `stall_s` seconds."""
        before = self._counters()
        started = time.perf_counter()
        items = self._feed.write_items(dataset.items())
        self._wait_items(before, items)
        items_s = time.perf_counter() - started
        started = time.perf_counter()
        events = self._feed_events(dataset, before["events"].records_in, speed_up)
        self._wait("events", before["events"].records_in + events, events)
        events_s = time.perf_counter() - started
        self._settle()
        return ReplayReport(items, events, items_s, events_s, self._counters()["events"])

    def _counters(self) -> dict[str, Progress]:
        try:
            return read_progress(self._db, self._space_id)
        except psycopg.OperationalError as error:
            self._check()
            raise PostgresGoneError(
                f"Postgres went away during the replay ({str(error).strip().splitlines()[0]}). What"
                " was fed stays in the streams: the job waits and goes on when Postgres is back."
                " Then run the replay again: an event counts once, however often it is fed"
            ) from error

    def _feed_events(self, dataset: Dataset, before: int, speed_up: float) -> int:
        if speed_up <= 0:
            written = 0
            events = dataset.events()
            while chunk := list(islice(events, CHUNK)):
                written += self._feed.write_events(chunk)
                self._on_progress(
                    "events", self._counters()["events"].records_in - before, dataset.event_rows
                )
            return written
        written = 0
        for due_s, chunk in paced(dataset.events(), speed_up):
            while (pause := due_s - time.perf_counter()) > 0:
                time.sleep(min(pause, 0.5))
                self._check()
            written += self._feed.write_events(chunk)
            self._on_progress(
                "events", self._counters()["events"].records_in - before, dataset.event_rows
            )
        return written

    def _wait_items(self, before: dict[str, Progress], items: int) -> None:
        """Wait for the item step, then for the vectors of the texts that it found changed, then
        build their index unless it is there."""
        self._wait("items", before["items"].records_in + items, items)
        changed = self._counters()["items"].applied
        self._wait("vectors", changed, changed - before["vectors"].records_in)
        self._db.execute("SELECT interestream.index_space(%s)", (self._space_id,))

    def _wait(self, stream: str, target: int, total: int) -> None:
        done, moved = -1, time.monotonic()
        while True:
            now = self._counters()[stream].records_in
            if now != done:
                done, moved = now, time.monotonic()
                self._on_progress(stream, total - max(target - done, 0), total)
            if done >= target:
                return
            self._check()
            if time.monotonic() - moved > self._stall_s:
                said = self._trouble()
                raise ReplayStalledError(
                    f"{stream}: {done} of {target} records are committed, and nothing moved for"
                    f" {self._stall_s:.0f} s: "
                    + (f"the job says: {said}" if said else _IS_IT_RUNNING)
                )
            time.sleep(POLL_S)

    def _settle(self) -> None:
        """Wait for the rows that are written lazily."""
        left, moved = -1, time.monotonic()
        while now := self._counters()["events"].unwritten:
            if now != left:
                left, moved = now, time.monotonic()
            self._check()
            if time.monotonic() - moved > self._stall_s:
                raise ReplayStalledError(
                    f"{now} users have rows that are not written, and nothing moved for"
                    f" {self._stall_s:.0f} s: is the job running?"
                )
            time.sleep(POLL_S)


def paced(events: Iterator[Line], speed_up: float) -> Iterator[tuple[float, list[Line]]]:
    """Chunks of events and when each is due (as `time.perf_counter` tells it), 50 ms apart.

    An event without a readable time goes with the one before it.
    """
    start, first = time.perf_counter(), None
    due, chunk = start, list[Line]()
    for event in events:
        at_ms = event_time_ms(event)
        if at_ms is not None:
            first = at_ms if first is None else first
            event_due = start + (at_ms - first) / 1000 / speed_up
            if event_due > due + 0.05 and chunk:
                yield due, chunk
                chunk = []
            if not chunk:
                due = max(due, event_due)
        chunk.append(event)
        if len(chunk) >= CHUNK:
            yield due, chunk
            chunk = []
    if chunk:
        yield due, chunk
