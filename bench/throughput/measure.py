"""Gives records to a consumer, and samples its commits, processor time and memory."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

from bench.harness.processes import OWN, ProcessWatch, Usage
from bench.throughput.slope import Sample, measured_range, slope
from jobs.errors import ReplayStalledError

SAMPLE_S = 0.5
_COMMITTED = """
SELECT coalesce(sum(records_in), 0)::bigint, count(*) FROM interestream.job_progress
WHERE stream = %s
"""
_COUNT_BATCHES = """
CREATE SEQUENCE IF NOT EXISTS interestream.bench_batches;
CREATE OR REPLACE FUNCTION interestream.bench_count_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    PERFORM nextval('interestream.bench_batches');
    RETURN NULL;
END;
$$;
CREATE OR REPLACE TRIGGER bench_count_batch AFTER UPDATE ON interestream.job_progress
FOR EACH ROW WHEN (NEW.records_in > OLD.records_in)
EXECUTE FUNCTION interestream.bench_count_batch();
"""
"""Counts the commits with new records: one that only writes deferred rows is not a batch."""
_BATCHES = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM interestream.bench_batches"
_WRITTEN = """
SELECT relname, n_tup_ins + n_tup_upd FROM pg_stat_user_tables
WHERE schemaname = 'interestream' AND n_tup_ins + n_tup_upd > 0
"""


@dataclass(frozen=True)
class Plan:
    """How long a run is measured."""

    events: int
    """Events to measure, after the warm-up."""
    warm_up_s: float
    """Longest warm-up; it ends earlier when only `events` of the input are left."""
    limit_s: float
    """Longest measured part."""
    stall_s: float = 120.0
    """A run fails when nothing is committed for this long."""


@dataclass(frozen=True)
class Measured:
    """Figures of the measured part of a run; times in seconds since the records appeared."""

    events_per_s: float
    events: int
    seconds: float
    warm_up_s: float
    warm_up_events: int
    cpu_us_per_event: dict[str, float]
    threads_us_per_event: dict[str, float]
    rows_per_event: dict[str, float]
    batch_events: float
    """Events of a batch over all its buckets, which are merged before they are written."""
    batch_s: float
    """Seconds from one commit of a bucket to its next."""
    buckets: int
    peak_memory_mb: dict[str, float]
    series: list[dict[str, object]] = field(repr=False)
    """Every sample of the run: seconds, committed events, resident megabytes by process."""

    def as_json(self) -> dict[str, object]:
        """All fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class Snapshot:
    """Everything that is known at one moment of a run."""

    sample: Sample
    usage: Usage
    written: dict[str, int]
    """Rows written so far, by table."""
    batches: int
    """Commits with new records so far."""
    buckets: int


def link(files: Sequence[Path], folder: Path) -> None:
    """Make the files appear in a source folder, without copying them."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        os.link(file, folder / file.name)


def watch(
    db: psycopg.Connection,
    release: Callable[[], None],
    total: int,
    plan: Plan,
    check: Callable[[], None],
    on_progress: Callable[[int, str], None],
    stream: str = "events",
) -> list[Snapshot]:
    """Give `total` records to a running consumer, and sample its commits.

    `release` makes all of them appear where the consumer reads, at next to no cost, such as `link`.
    `stream` names the counter of committed records. `check` raises when the consumer has failed;
    `on_progress` gets the number of committed records and the stage.
    Raises ReplayStalledError when nothing is committed for `plan.stall_s`.
    """
    processes, snapshots = ProcessWatch(), list[Snapshot]()
    db.execute(_COUNT_BATCHES)
    release()
    began = moved_s = time.perf_counter()
    first_s: float | None = None
    warm_at: int | None = None
    next_s = began
    while True:
        snapshots.append(_snapshot(db, stream, processes, began))
        now, done = snapshots[-1].sample.at_s, snapshots[-1].sample.committed
        if len(snapshots) == 1 or done > snapshots[-2].sample.committed:
            moved_s = now
        if done and first_s is None:
            first_s = now
        if first_s is not None and warm_at is None:
            warm = now >= first_s + plan.warm_up_s or done >= total - plan.events
            warm_at = done if warm else None
        on_progress(done, "warming up" if warm_at is None else "measuring")
        if done >= total or (warm_at is not None and done - warm_at >= plan.events):
            break
        if first_s is not None and now > first_s + plan.warm_up_s + plan.limit_s:
            break
        check()
        if now - moved_s > plan.stall_s:
            raise ReplayStalledError(
                f"{stream}: {done:,} of {total:,} are committed, and nothing moved for"
                f" {plan.stall_s:.0f} s"
            )
        next_s = max(next_s + SAMPLE_S, time.perf_counter())
        time.sleep(max(0.0, next_s - time.perf_counter()))
    return snapshots


def measure(
    db: psycopg.Connection,
    release: Callable[[], None],
    total: int,
    plan: Plan,
    check: Callable[[], None],
    on_progress: Callable[[int, str], None],
    stream: str = "events",
) -> Measured:
    """Run `watch` and compute the figures of the part after the warm-up.

    Raises ReplayStalledError as `watch` does, and TooFewSamplesError when the run was too short.
    """
    snapshots = watch(db, release, total, plan, check, on_progress, stream)
    return _measured(snapshots, plan, total)


def _snapshot(
    db: psycopg.Connection, stream: str, processes: ProcessWatch, began: float
) -> Snapshot:
    row = db.execute(_COMMITTED, (stream,)).fetchone()
    assert row is not None
    at_s = time.perf_counter() - began
    written = {name: int(rows) for name, rows in db.execute(_WRITTEN).fetchall()}
    batches = db.execute(_BATCHES).fetchone()
    assert batches is not None
    return Snapshot(Sample(at_s, int(row[0])), processes.usage(), written, batches[0], row[1])


def _measured(snapshots: Sequence[Snapshot], plan: Plan, total: int) -> Measured:
    samples = [snapshot.sample for snapshot in snapshots]
    first, last = measured_range(samples, plan.warm_up_s, plan.events, total)
    begin, end = snapshots[first], snapshots[last]
    events = end.sample.committed - begin.sample.committed
    written = {
        table: end.written[table] - begin.written.get(table, 0) for table in sorted(end.written)
    }
    written.pop("job_progress", None)
    rounds = max(end.batches - begin.batches, 1) / end.buckets
    seconds = end.sample.at_s - begin.sample.at_s
    return Measured(
        events_per_s=slope(samples[first : last + 1]),
        events=events,
        seconds=seconds,
        warm_up_s=begin.sample.at_s,
        warm_up_events=begin.sample.committed,
        cpu_us_per_event=_per_event(begin.usage.cpu_s, end.usage.cpu_s, events),
        threads_us_per_event=_threads(begin.usage, end.usage, events),
        rows_per_event={table: rows / events for table, rows in written.items() if rows},
        batch_events=events / rounds,
        batch_s=seconds / rounds,
        buckets=end.buckets,
        peak_memory_mb=peak_memory_mb(snapshots),
        series=series(snapshots),
    )


def _threads(begin: Usage, end: Usage, events: int) -> dict[str, float]:
    """Microseconds of processor time per event and thread of the JVM, the largest first.

    The rest of the JVM's processor time was used by threads that have ended, mostly compilers.
    """
    found = _per_event(begin.threads_s, end.threads_s, events)
    whole = _per_event(begin.cpu_s, end.cpu_s, events)
    jvm_us = max((whole.get(kind, 0.0) for kind in ("JVM and Python", "TaskManager")), default=0.0)
    found["ended threads (JIT)"] = jvm_us - sum(us for us in found.values() if us > 0)
    largest_first = sorted(found.items(), key=lambda pair: -pair[1])
    return {name: us for name, us in largest_first if us >= 0.05}


def peak_memory_mb(snapshots: Sequence[Snapshot]) -> dict[str, float]:
    """Largest resident megabytes by kind of process, without the benchmark's own."""
    kinds = {kind for snapshot in snapshots for kind in snapshot.usage.memory_mb if kind != OWN}
    return {
        kind: max(snapshot.usage.memory_mb.get(kind, 0.0) for snapshot in snapshots)
        for kind in sorted(kinds)
    }


def series(snapshots: Sequence[Snapshot]) -> list[dict[str, object]]:
    """Seconds, committed records and resident megabytes of each snapshot, for JSON and plots."""
    return [
        {
            "s": round(snapshot.sample.at_s, 3),
            "committed": snapshot.sample.committed,
            "memory_mb": {
                kind: round(mb) for kind, mb in snapshot.usage.memory_mb.items() if kind != OWN
            },
        }
        for snapshot in snapshots
    ]


def _per_event(before: dict[str, float], after: dict[str, float], events: int) -> dict[str, float]:
    """Microseconds of processor time per event and kind of process, the largest first.

    The benchmark's own is left out.
    """
    spent = {
        kind: (seconds - before.get(kind, 0.0)) / events * 1e6
        for kind, seconds in after.items()
        if kind != OWN
    }
    return dict(sorted(spent.items(), key=lambda pair: -pair[1]))
