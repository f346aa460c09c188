"""Replays a data set into a running job and waits until all of it is committed."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice

import psycopg

from jobs.core.progress import Progress
from jobs.datasets.dataset import Dataset, Line, PassCount
from jobs.datasets.errors import DatasetFileError
from jobs.datasets.feed import Feed
from jobs.datasets.order import event_time_ms
from jobs.errors import PostgresGoneError, ReplayStalledError
from jobs.replay.dead_reasons import Counted, dead_letters_now, reasons_since
from jobs.replay.outcome import Outcome, StreamOutcome
from jobs.sinks.read_progress import read_progress

CHUNK = 5_000
"""Events that are written to one file at most."""
POLL_S = 0.05

_CHECK_JOB = "is the job running, on this folder and database?"


@dataclass(frozen=True)
class ReplayReport:
    """How many records were fed, and how many seconds it took until all were committed."""

    items: int
    events: int
    items_s: float
    events_s: float
    counters: Progress
    """The stream `events` since the job's state was created, not only of this replay."""
    outcome: Outcome = field(default_factory=Outcome)
    """What became of the records of this replay."""
    left_out: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What reading the data set left out, by table (`Dataset.left_out_counts`)."""

    @property
    def events_per_s(self) -> float:
        """Committed events per second; 0 when no time passed."""
        return self.events / self.events_s if self.events_s else 0.0

    def as_dict(self, name: str) -> dict[str, object]:
        """Return the report of the data set `name` as the keys of a JSON object."""
        return {
            "name": name,
            "items": self.items,
            "items_s": self.items_s,
            "events": self.events,
            "events_s": self.events_s,
            "events_per_s": self.events_per_s,
            "counters": asdict(self.counters),
            "fed": self.outcome.as_dict(),
            "left_out": self.left_out,
        }

    def sentence(self, name: str) -> str:
        """Return the report of the data set `name` in a few sentences."""
        counters, outcome = self.counters, self.outcome
        repeated = (
            f", {outcome.events.duplicates:,} duplicates" if outcome.events.duplicates else ""
        )
        kept = f", {outcome.events.excluded:,} of excluded users" if outcome.events.excluded else ""
        sentences = [
            f"{name}: {outcome.items.accepted:,} of {self.items:,} items accepted in"
            f" {self.items_s:.1f} s, {outcome.events.accepted:,} of {self.events:,} events in"
            f" {self.events_s:.1f} s ({self.events_per_s:,.0f} events/s){repeated}{kept}.",
            outcome.sentence(),
            f"Since the job's state began: {counters.applied:,} events applied,"
            f" {counters.duplicates:,} duplicates, {counters.dead_letters:,} dead letters,"
            f" {counters.waiting:,} waiting for their item.",
        ]
        return " ".join(filter(None, sentences))


class Replay:
    """Replays data sets into the streams that a job watches.

    `check` is called while waiting and may raise, for example when the job has failed. `trouble`
    returns the job's last warning, for the message of ReplayStalledError; empty if there is none.
    `on_progress` is called with a stage, its committed records and their total, or None if that is
    unknown. A wait fails when nothing is committed for `stall_s` seconds.
    """

    def __init__(
        self,
        db: psycopg.Connection,
        space_id: int,
        feed: Feed,
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
        """Feed items, then events, and wait until all are committed.

        Events are fed `speed_up` times as fast as they happened; 0 means as fast as possible.
        Raises ReplayStalledError when nothing is committed for `stall_s` seconds,
        PostgresGoneError when Postgres stops answering, and DatasetFileError when a file cannot be
        read to its end, with what was fed before.
        """
        written = dict(self._feed.written)
        try:
            return self._run(dataset, speed_up)
        except DatasetFileError as error:
            items, events = (self._feed.written[key] - written[key] for key in ("items", "events"))
            raise DatasetFileError(
                f"{error}. Before that, {items:,} items and {events:,} events were fed. Replay it"
                " again when this is put right: a record counts once, however often it is fed"
            ) from error

    def _run(self, dataset: Dataset, speed_up: float) -> ReplayReport:
        dead_before = dead_letters_now(self._db, self._space_id)
        before = self._counters()
        started = time.perf_counter()
        items = self._feed.write_items(dataset.items())
        self._wait_items(before, items)
        items_s = time.perf_counter() - started
        started = time.perf_counter()
        events = self._feed_events(dataset, before["events"].records_in, speed_up)
        self._wait("events", before["events"].records_in + events, events)
        events_s = time.perf_counter() - started
        self._wait_deferred_writes()
        after = self._counters()
        outcome = self._outcome(dataset, items, events, before, after, dead_before)
        left_out = dataset.left_out_counts()
        return ReplayReport(items, events, items_s, events_s, after["events"], outcome, left_out)

    def _outcome(
        self,
        dataset: Dataset,
        items: int,
        events: int,
        before: dict[str, Progress],
        after: dict[str, Progress],
        dead_before: Counted,
    ) -> Outcome:
        reasons = reasons_since(self._db, self._space_id, dead_before)

        def of(stream: str, fed: int, read: PassCount) -> StreamOutcome:
            why = None if reasons is None else reasons.get(stream, Counter())
            return StreamOutcome.of(fed, before[stream], after[stream], why, read)

        return Outcome(
            of("items", items, dataset.items_read), of("events", events, dataset.events_read)
        )

    def _counters(self) -> dict[str, Progress]:
        try:
            return read_progress(self._db, self._space_id)
        except psycopg.OperationalError as error:
            self._check()
            raise PostgresGoneError(
                f"Postgres went away during the replay ({str(error).strip().splitlines()[0]}). Fed"
                " records stay in the streams: the job waits and goes on when Postgres is back."
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
        """Wait for the item step, then for the vectors of changed texts, then build the vector
        index unless it exists."""
        self._wait("items", before["items"].records_in + items, items)
        changed = self._counters()["items"].applied
        self._wait("vectors", changed, changed - before["vectors"].records_in)
        self._db.execute("SELECT interestream.index_space(%s)", (self._space_id,))

    def _wait(self, stream: str, target: int, total: int) -> None:
        done, last_change_s = -1, time.monotonic()
        while True:
            now = self._counters()[stream].records_in
            if now != done:
                done, last_change_s = now, time.monotonic()
                self._on_progress(stream, total - max(target - done, 0), total)
            if done >= target:
                return
            self._check()
            if time.monotonic() - last_change_s > self._stall_s:
                warning = self._trouble()
                raise ReplayStalledError(
                    f"{stream}: {done} of {target} records are committed, and nothing moved for"
                    f" {self._stall_s:.0f} s: "
                    + (f"the job's last warning: {warning}" if warning else _CHECK_JOB)
                )
            time.sleep(POLL_S)

    def _wait_deferred_writes(self) -> None:
        left, last_change_s = -1, time.monotonic()
        while now := self._counters()["events"].unwritten:
            if now != left:
                left, last_change_s = now, time.monotonic()
            self._check()
            if time.monotonic() - last_change_s > self._stall_s:
                raise ReplayStalledError(
                    f"{now} users have rows that are not written, and nothing moved for"
                    f" {self._stall_s:.0f} s: is the job running?"
                )
            time.sleep(POLL_S)


def paced(events: Iterator[Line], speed_up: float) -> Iterator[tuple[float, list[Line]]]:
    """Yield chunks of events, each with the `time.perf_counter()` value in seconds when it is due.

    Chunks are at least 50 ms apart, unless one is full (CHUNK events). An event without a
    readable time goes with the one before it.
    """
    start, first_ms = time.perf_counter(), None
    due, chunk = start, list[Line]()
    for event in events:
        at_ms = event_time_ms(event)
        if at_ms is not None:
            first_ms = at_ms if first_ms is None else first_ms
            event_due = start + (at_ms - first_ms) / 1000 / speed_up
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
