"""The interest step and the user writer on a real Postgres and a fake Flink."""

import pickle
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import psycopg
from pyflink.common import Row

from jobs.operators.claim_check import ClaimCheck
from jobs.operators.interest_step import InterestStep
from jobs.operators.item_vectors import announcement, vector_head
from jobs.operators.row_kinds import CONTROL, EVENTS
from jobs.operators.user_batches import CountedBatch
from jobs.operators.user_writer import TREND_COUNTS, UserWriter
from tests.builders import DIM, ITEMS, NOON_MS, half, operator_settings
from tests.fakes.keyed_context import FakeFlink

EPOCH = 100
BUCKET = 0

TABLES = {
    "users": "space_id, user_id, events, last_event_at, interest_items, interest_weights,"
    " interest_sizes, epoch",
    "user_windows": "space_id, user_id, kind, embedding::text, weight, as_of, epoch",
    "user_items": "user_id, item_id, actions, first_at, last_at, signal, signal_at, signal_key",
    "dead_letters": "epoch, stream, bucket, seq, raw, reason, detail, user_id",
    "job_progress": "space_id, stream, bucket, epoch, records_in, duplicates, dead_letters,"
    " waiting, applied, excluded, unwritten",
}
"""Columns that a replay must reproduce: all but commit times and versions.

A version depends on the start of the user's state and the number of its changes.
"""


def create_space(dsn: str, dim: int = DIM, sha256: str = "aa") -> int:
    with psycopg.connect(dsn, autocommit=True) as db:
        (space_id,) = db.execute(
            "SELECT interestream.create_space('tiny', '1', %s, %s, %s::real[])",
            (sha256, dim, [0.0] * dim),
        ).fetchone() or (0,)
    return int(space_id)


def events_row(
    lines: Iterable[bytes], vectors: Sequence[bytes] = (b"",), bucket: int = BUCKET
) -> Row:
    return Row(bucket, EVENTS, list(lines), list(vectors))


def text_events_row(texts: Sequence[tuple[bytes, Any]], bucket: int = BUCKET) -> Row:
    """Lines with the vectors of their texts; None for a text that Java did not encode."""
    vectors = [b"" if vector is None else half(vector).tobytes() for _, vector in texts]
    return Row(bucket, EVENTS, [line for line, _ in texts], vectors)


def control_row(lines: Sequence[bytes], bucket: int = BUCKET) -> Row:
    return Row(bucket, CONTROL, list(lines), [b""])


def vectors_row(items: dict[str, Any], *, epoch: int = EPOCH, version: int = 1) -> Row:
    heads = [vector_head(item_id, epoch, version) for item_id in items]
    return Row(0, heads, [half(vector).tobytes() for vector in items.values()])


def announced_row(items: Sequence[str], *, epoch: int = EPOCH, version: int = 2) -> Row:
    return announcement(0, [vector_head(item_id, epoch, version) for item_id in items])


class JobTables:
    """Reads the tables of a job in the database `dsn`."""

    dsn: str

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as db:
            return db.execute(query, parameters).fetchall()

    def unwritten(self) -> int:
        """Number of users of all buckets with deferred rows."""
        query = "SELECT sum(unwritten)::int FROM interestream.job_progress WHERE stream = 'events'"
        return int(self.rows(query)[0][0])

    def versions(self) -> dict[str, int]:
        return dict(self.rows("SELECT user_id, version FROM interestream.users"))

    def reasons(self, stream: str = "events") -> list[tuple[str, str | None]]:
        """(reason, user) of the dead letters in the order of their numbers."""
        query = (
            "SELECT reason, user_id FROM interestream.dead_letters WHERE stream = %s"
            " ORDER BY bucket, seq"
        )
        return [(row[0], row[1]) for row in self.rows(query, stream)]

    def windows(self, user_id: str = "ada") -> dict[str, list[float]]:
        found = self.rows(
            "SELECT kind, embedding::text FROM interestream.user_windows WHERE user_id = %s",
            user_id,
        )
        return {kind: [float(x) for x in text.strip("[]").split(",")] for kind, text in found}

    def event_count(self, user_id: str = "ada") -> int | None:
        """Number of accepted events in the user's row of `users`."""
        found = self.rows("SELECT events FROM interestream.users WHERE user_id = %s", user_id)
        return found[0][0] if found else None

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: self.rows(f"SELECT {columns} FROM interestream.{table} ORDER BY {columns}")
            for table, columns in TABLES.items()
        }


class InterestWorld(JobTables):
    """An interest step that knows the vectors of `items`, its writer, and their tables."""

    def __init__(
        self,
        dsn: str,
        *,
        items: dict[str, Any] | None = None,
        with_claim_checks: bool = False,
        **settings: Any,
    ) -> None:
        """Start the step and the writer.

        Batches are pickled on their way to the writer and kept in `batches`; `with_claim_checks`
        they stay in the process.
        """
        self.dsn = dsn
        self._arguments = {
            "space_id": create_space(dsn),
            "epoch": EPOCH,
            # Most tests want every row written with the batch that changed it.
            "interest": {"slow_delay_s": 0},
            **settings,
        }
        self.space_id = int(self._arguments["space_id"])
        self.settings = operator_settings(dsn, **self._arguments)
        self.writer = FakeFlink(lambda: UserWriter(self.settings), NOON_MS)
        self.batches: list[CountedBatch] = []
        self.flink = FakeFlink(lambda: InterestStep(self.settings), NOON_MS, sink=self._write)
        if not with_claim_checks:
            # A step of another attempt than the writer finds no store.
            self.flink.restore(self.flink.snapshot())
        self.flink.broadcast(vectors_row(ITEMS if items is None else items))
        self.trend_rows: list[Row] = []
        """Rows that the writer sent to trends."""
        self.pair_rows: list[Row] = []
        """Rows that the writer sent to the neighbor step."""

    def restart(self, snapshot: Any = None, **settings: Any) -> None:
        """Start again from a snapshot, or from now, with other settings."""
        before = self.flink.snapshot() if snapshot is None else snapshot
        self._arguments.update(settings)
        self.settings = operator_settings(self.dsn, **self._arguments)
        self.writer.restore(self.writer.snapshot())
        self.flink.restore(before)

    def _write(self, emitted: CountedBatch | ClaimCheck) -> None:
        # The writer's task receives a pickle.
        given = pickle.loads(pickle.dumps(emitted))
        if isinstance(given, CountedBatch):
            self.batches.append(given)
        for row in self.writer.operator.process_element(given, None):
            (self.trend_rows if row[2] == TREND_COUNTS else self.pair_rows).append(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flink.close()
        self.writer.close()

    def events(self, *lines: bytes, bucket: int = BUCKET) -> None:
        assert len(self.flink.send(events_row(lines, bucket=bucket))) == 1

    def text_events(self, *texts: tuple[bytes, Any]) -> None:
        assert len(self.flink.send(text_events_row(texts))) == 1

    def control(self, *lines: bytes, bucket: int = BUCKET) -> None:
        assert len(self.flink.send(control_row(lines, bucket))) == 1

    def progress(self, stream: str = "events", bucket: int = BUCKET) -> dict[str, int]:
        """The bucket's counters that are not 0."""
        names = ("records_in", "duplicates", "dead_letters", "waiting", "applied", "excluded")
        found = self.rows(
            f"SELECT {', '.join(names)} FROM interestream.job_progress"
            " WHERE space_id = %s AND stream = %s AND bucket = %s",
            self.space_id,
            stream,
            bucket,
        )
        assert len(found) == 1
        counters = dict(zip(names, found[0], strict=True))
        if stream == "events":
            assert counters["records_in"] == sum(counters.values()) - counters["records_in"]
        return {name: count for name, count in counters.items() if count}


def assert_same_tables(
    found: dict[str, list[tuple[Any, ...]]], expected: dict[str, list[tuple[Any, ...]]]
) -> None:
    """Equal, except for the rounding of sums: float16 vectors and float32 weights."""
    for table, rows in expected.items():
        if table != "user_windows":
            assert found[table] == rows, table
            continue
        assert len(found[table]) == len(rows)
        for one, other in zip(found[table], rows, strict=True):
            assert (*one[:3], *one[5:]) == (*other[:3], *other[5:]), (one, other)
            np.testing.assert_allclose(_numbers(one[3]), _numbers(other[3]), atol=2e-3)
            np.testing.assert_allclose(one[4], other[4], rtol=1e-5)


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.strip("[]").split(",")]
