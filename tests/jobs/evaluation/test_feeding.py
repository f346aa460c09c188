"""Stepwise feeding waits for the commit of what it fed, and feeds nothing more."""

import threading

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.errors import JobFailedError, ReplayStalledError
from jobs.evaluation.feeding import SteppedFeed
from tests.builders import event

SPACE = 1


def fed(root):
    return sum(len(file.read_bytes().splitlines()) for file in (root / "events").glob("*.ndjson"))


def commit(dsn, records, unwritten=0):
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(
            "INSERT INTO interestream.job_progress (space_id, stream, bucket, epoch, records_in,"
            " duplicates, dead_letters, waiting, applied, excluded, unwritten)"
            " VALUES (%s, 'events', 0, 1, %s, 0, 0, 0, %s, 0, %s)"
            " ON CONFLICT (space_id, stream, bucket) DO UPDATE SET"
            " records_in = excluded.records_in, unwritten = excluded.unwritten",
            (SPACE, records, records, unwritten),
        )


@pytest.fixture
def db(job_dsn):
    with psycopg.connect(job_dsn, autocommit=True) as connection:
        yield connection


def feed_of(db, root, events, **options):
    lines = iter([event(number) for number in range(events)])
    return SteppedFeed(db, SPACE, DirectoryFeed(root), lines, **options)


def test_it_returns_when_what_was_fed_is_committed_and_written(db, job_dsn, tmp_path):
    feed = feed_of(db, tmp_path, 10)
    done = threading.Event()

    def run():
        feed.feed_to(4)
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert not done.wait(0.3)
    assert fed(tmp_path) == 4
    commit(job_dsn, 3)
    assert not done.wait(0.3)
    commit(job_dsn, 4, unwritten=1)
    assert not done.wait(0.3)
    commit(job_dsn, 4)
    assert done.wait(10)
    thread.join()


def test_each_step_feeds_only_the_lines_before_its_question(db, job_dsn, tmp_path):
    seen: list[int] = []
    feed = feed_of(db, tmp_path, 10, on_progress=seen.append)
    commit(job_dsn, 10)
    for line in (0, 3, 3, 7):
        feed.feed_to(line)
        assert fed(tmp_path) == line
    assert seen[-1] == 10


def test_a_job_that_stands_still_is_an_error_with_the_counts(db, job_dsn, tmp_path):
    commit(job_dsn, 2)
    with pytest.raises(ReplayStalledError, match="2 of 5 events are committed"):
        feed_of(db, tmp_path, 10, stall_s=0.2).feed_to(5)


def test_a_job_that_fails_ends_the_wait(db, tmp_path):
    def check():
        raise JobFailedError("it broke")

    with pytest.raises(JobFailedError, match="it broke"):
        feed_of(db, tmp_path, 10, check=check).feed_to(5)


def test_a_data_set_that_has_become_shorter_is_an_error(db, job_dsn, tmp_path):
    commit(job_dsn, 10)
    with pytest.raises(ReplayStalledError, match="has changed"):
        feed_of(db, tmp_path, 3).feed_to(5)
