"""A process that stands still amid its commit, and goes on when another one has taken its place."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cluster.terminal import until
from tests.jobs.operators.builders import create_space

ROOT = Path(__file__).parents[3]
ROWS = (
    "SELECT records_in, task_start, committed_at FROM interestream.job_progress",
    "SELECT events, version, committed_at FROM interestream.users",
    "SELECT kind, version, as_of FROM interestream.user_windows",
)
SESSION = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'interestream-job'"
    " AND datname = current_database() AND {}"
)


@pytest.fixture
def db(job_dsn: str) -> Iterator[psycopg.Connection]:
    assert create_space(job_dsn) == 1
    with psycopg.connect(job_dsn, autocommit=True) as connection:
        yield connection


def start(dsn: str, *events: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.jobs.operators.cut_off_writer", dsn]
    return subprocess.Popen(
        [*command, *map(str, events)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sessions(db: psycopg.Connection, condition: str) -> list[int]:
    return [pid for (pid,) in db.execute(SESSION.format(condition).encode())]


def rows(db: psycopg.Connection) -> list[list[tuple[Any, ...]]]:
    return [db.execute(query.encode()).fetchall() for query in ROWS]


def test_its_late_transaction_is_refused_as_a_whole(job_dsn, db):
    first = start(job_dsn, 1)
    assert first.communicate(timeout=120) == ("open\ncommitted 1\n", "")
    holder = psycopg.connect(job_dsn)
    holder.execute("SELECT FROM interestream.users WHERE user_id = 'ada' FOR UPDATE")
    stopped = start(job_dsn, 2)
    try:
        until(lambda: sessions(db, "wait_event_type = 'Lock'"), "a transaction that waits")
        stopped.send_signal(signal.SIGSTOP)
        holder.close()
        until(lambda: sessions(db, "state = 'idle in transaction'"), "a transaction that is open")
        # As Postgres does by itself after IDLE_S.
        (session,) = sessions(db, "true")
        db.execute("SELECT pg_terminate_backend(%s)", (session,))
        until(lambda: not sessions(db, "true"), "the end of its session")
        newer = start(job_dsn, 2, 3)
        assert newer.communicate(timeout=120) == ("open\ncommitted 2\ncommitted 3\n", "")
        written = rows(db)
        assert written[0][0][0] == written[1][0][0] == 3
    finally:
        stopped.send_signal(signal.SIGCONT)
    said, refused = stopped.communicate(timeout=120)
    assert (said, stopped.returncode) == ("open\n", 1)
    assert "a task that was started later writes bucket 0 of events" in refused
    assert rows(db) == written


def test_what_dies_amid_its_commit_leaves_nothing(job_dsn, db):
    first = start(job_dsn, 1)
    first.communicate(timeout=120)
    written = rows(db)
    with psycopg.connect(job_dsn) as holder:
        holder.execute("SELECT FROM interestream.users WHERE user_id = 'ada' FOR UPDATE")
        killed = start(job_dsn, 2)
        until(lambda: sessions(db, "wait_event_type = 'Lock'"), "a transaction that waits")
        killed.kill()
        killed.communicate()
    until(lambda: not sessions(db, "true"), "the end of its session")
    assert rows(db) == written
