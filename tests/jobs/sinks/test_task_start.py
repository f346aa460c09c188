"""A task that was cut off and comes back writes nothing over what its successor has written."""

from collections.abc import Iterator, Sequence

import psycopg
import pytest

from jobs.core.interest.user_batch import UserBatch
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress
from jobs.errors import LaterTaskError
from jobs.operators.user_batches import CountedBatch
from jobs.operators.user_writer import UserWriter
from jobs.sinks.task_start import next_task_start
from tests.builders import NOON_MS, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import create_space
from tests.jobs.sinks.builders import rows

COUNTED = "SELECT bucket, records_in, dead_letters FROM interestream.job_progress ORDER BY bucket"
LETTERS = "SELECT bucket, seq, raw FROM interestream.dead_letters ORDER BY bucket, seq"


@pytest.fixture
def older(job_dsn: str) -> Iterator[FakeFlink]:
    assert create_space(job_dsn) == 1
    yield from started(job_dsn)


@pytest.fixture
def newer(older: FakeFlink, job_dsn: str) -> Iterator[FakeFlink]:
    yield from started(job_dsn)


def started(dsn: str) -> Iterator[FakeFlink]:
    settings = operator_settings(dsn, space_id=create_space(dsn))
    flink = FakeFlink(lambda: UserWriter(settings), NOON_MS)
    yield flink
    flink.close()


def write(flink: FakeFlink, letters: list[bytes], bucket: int = 0) -> None:
    """Write the bucket's newest dead letter, of which there are `letters` by now."""
    progress = {"events": Progress(records_in=len(letters), dead_letters=len(letters))}
    dead: dict[str, Sequence[DeadLetter]] = {"events": [DeadLetter(letters[-1], "not_json")]}
    batch = UserBatch(1, 1, bucket, progress=progress, dead=dead)
    assert list(flink.operator.process_element(CountedBatch(batch, Progress()), None)) == []


def test_an_older_task_writes_nothing_once_a_newer_one_has_written(older, newer, job_dsn):
    write(older, [b"a"])
    write(newer, [b"a", b"b"])
    write(newer, [b"a", b"b", b"c"])
    with pytest.raises(LaterTaskError, match="bucket 0 of events"):
        write(older, [b"a", b"x"])
    assert rows(job_dsn, COUNTED) == [(0, 3, 3)]
    assert rows(job_dsn, LETTERS) == [(0, 0, b"a"), (0, 1, b"b"), (0, 2, b"c")]


def test_an_older_task_that_is_the_first_to_come_is_replaced(older, newer, job_dsn):
    write(older, [b"a", b"x"])
    write(newer, [b"a", b"b"])
    assert rows(job_dsn, COUNTED) == [(0, 2, 2)]
    assert rows(job_dsn, LETTERS) == [(0, 1, b"b")]


def test_each_bucket_has_its_own_writer(older, newer, job_dsn):
    write(newer, [b"a"], bucket=1)
    write(older, [b"a"], bucket=2)
    assert rows(job_dsn, COUNTED) == [(1, 1, 1), (2, 1, 1)]


def test_a_clock_that_was_put_back_does_not_stop_the_job(newer, job_dsn):
    write(newer, [b"a"])
    with psycopg.connect(job_dsn, autocommit=True) as db:
        # As if the clock of the former primary had been a year ahead.
        row = db.execute(
            "UPDATE interestream.job_progress SET task_start = task_start + 31536000000"
            " RETURNING task_start"
        ).fetchone()
        assert row is not None
        ahead = row[0]
        assert next_task_start(db, 1) == ahead + 1
        assert next_task_start(db, 2) < ahead
    with pytest.raises(LaterTaskError):
        write(newer, [b"a", b"b"])
    for again in started(job_dsn):
        write(again, [b"a", b"b"])
    assert rows(job_dsn, COUNTED) == [(0, 2, 2)]


def test_a_session_that_is_silent_amid_a_transaction_is_ended_before_flink_replaces_its_task(
    job_dsn,
):
    from jobs.config import Database
    from jobs.sinks.connection import RetryingConnection

    connection = RetryingConnection(Database(dsn=job_dsn))
    found: list[str] = []

    def read(db: psycopg.Connection) -> None:
        row = db.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert row is not None
        found.append(row[0])

    connection.run(read)
    connection.close()
    assert found == ["30s"]
