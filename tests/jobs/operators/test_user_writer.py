"""The user writer: batches are committed and then reported, with versions above earlier ones."""

from collections.abc import Iterator

import psycopg
import pytest

from jobs.core.interest.user_batch import UserBatch
from jobs.core.parsing.events import DeadLetter
from jobs.core.progress import Progress
from jobs.operators.user_batches import CountedBatch
from jobs.operators.user_writer import UserWriter
from tests.builders import NOON_MS, event_line, operator_settings
from tests.fakes.keyed_context import FakeFlink
from tests.jobs.operators.builders import InterestWorld, create_space

BEFORE = Progress(10, 1, 1, 2, 5, 1)
AFTER = Progress(21, 2, 4, 1, 11, 3, unwritten=2)


@pytest.fixture
def flink(job_dsn: str) -> Iterator[FakeFlink]:
    settings = operator_settings(job_dsn, space_id=create_space(job_dsn))
    made = FakeFlink(lambda: UserWriter(settings), NOON_MS)
    yield made
    made.close()


def write(flink: FakeFlink, *batches: CountedBatch) -> None:
    for batch in batches:
        assert list(flink.operator.process_element(batch, None)) == []


def counted(bucket: int = 0, before: Progress = BEFORE, after: Progress = AFTER) -> CountedBatch:
    return CountedBatch(UserBatch(1, 1, bucket, progress={"events": after}), before)


COUNTED = ("records_in", "duplicates", "dead_letters", "applied", "excluded", "waiting")


def metrics(flink: FakeFlink) -> dict[str, int]:
    values = flink.metrics.read()
    assert values["commit_ms"] >= 0
    assert (values["postgres_waiting_s"], values["postgres_retries"]) == (0, 0)
    return {name: values[name] for name in COUNTED}


def test_a_batch_is_committed_before_it_is_counted(flink, job_dsn):
    write(flink, counted())
    with psycopg.connect(job_dsn, autocommit=True) as db:
        found = db.execute("SELECT records_in, unwritten FROM interestream.job_progress").fetchall()
    assert found == [(21, 2)]
    assert metrics(flink) == {
        "records_in": 11,
        "duplicates": 1,
        "dead_letters": 3,
        "applied": 6,
        "excluded": 2,
        "waiting": 1,
    }


def test_a_batch_that_cannot_be_committed_is_not_counted(flink):
    wrong = UserBatch(1, 1, 0, progress={}, dead={"events": [DeadLetter(b"a", "not_json")]})
    with pytest.raises(KeyError):
        write(flink, CountedBatch(wrong, BEFORE))
    assert metrics(flink)["records_in"] == 0


def test_the_metric_waiting_is_the_sum_over_the_buckets(flink):
    write(flink, counted(0), counted(1), counted(1, AFTER, AFTER))
    values = metrics(flink)
    assert (values["waiting"], values["records_in"]) == (2, 22)


def test_after_a_start_the_counters_begin_at_zero(job_dsn):
    with InterestWorld(job_dsn) as world:
        world.events(event_line(1), event_line(1), b"{", event_line(2, item_id="new"))
        assert metrics(world.writer) == {
            "records_in": 4,
            "duplicates": 1,
            "dead_letters": 1,
            "applied": 1,
            "excluded": 0,
            "waiting": 1,
        }
        world.restart()
        world.events(event_line(3))
        assert metrics(world.writer)["records_in"] == 1


def test_it_keeps_no_state(flink):
    write(flink, counted())
    assert flink.snapshot() == ({}, {}, set())


def test_a_later_attempt_replaces_rows_of_an_earlier_one_in_any_order_of_events(job_dsn):
    with InterestWorld(job_dsn) as world:
        world.events(event_line(1))
        checkpoint = world.flink.snapshot()
        liked = [event_line(number, user_id="user") for number in (2, 3, 4)]
        world.events(*liked)
        world.restart(checkpoint)
        world.events(liked[2])
        (events,) = world.rows("SELECT events FROM interestream.users WHERE user_id = 'user'")[0]
        assert events == 1, "the row of the earlier attempt has a higher count"
        world.events(*liked[:2])
        (events,) = world.rows("SELECT events FROM interestream.users WHERE user_id = 'user'")[0]
        assert events == 3
