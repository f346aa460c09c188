"""The retrying connection: it waits for Postgres, writes once, and raises our own faults."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tenacity import RetryCallState

from jobs.config import Database
from jobs.errors import PostgresRefusedError, PostgresUnreachableError
from jobs.local.postgres import Server, temporary_postgres
from jobs.local.postgres import start as start_postgres
from jobs.local.postgres import stop as stop_postgres
from jobs.runtime.processes import free_port
from jobs.sinks.connection import RetryingConnection
from tests.sql.logins import login


def prepare(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TEMPORARY TABLE IF NOT EXISTS fresh (n int) ON COMMIT DELETE ROWS")


@pytest.fixture
def table(job_dsn: str) -> Iterator[str]:
    """Connection string of a database with a table `written (n)`."""
    with psycopg.connect(job_dsn, autocommit=True) as db:
        db.execute("CREATE TABLE written (n int PRIMARY KEY, times int DEFAULT 1)")
        yield job_dsn
        db.execute("DROP TABLE written")


@pytest.fixture
def retrying(table: str) -> Iterator[RetryingConnection]:
    connection = RetryingConnection(database(table), prepare)
    yield connection
    connection.close()


def database(dsn: str) -> Database:
    return Database.model_validate({"dsn": dsn, "retry_max_wait_s": 0.05})


def write(
    number: int, before: Callable[[], None] = lambda: None
) -> Callable[[psycopg.Connection], None]:
    """A transaction of two statements, with a call of `before` between them."""

    def transaction(connection: psycopg.Connection) -> None:
        connection.execute("INSERT INTO fresh VALUES (%s)", (number,))
        before()
        connection.execute(
            "INSERT INTO written SELECT n FROM fresh"
            " ON CONFLICT (n) DO UPDATE SET times = written.times"
        )

    return transaction


def written(dsn: str) -> list[int]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return [n for (n,) in db.execute("SELECT n FROM written ORDER BY n").fetchall()]


def sessions(dsn: str) -> int:
    """How many sessions of the job are left, once those that were closed have ended."""
    count = 0
    with psycopg.connect(dsn, autocommit=True) as db:
        for _ in range(40):
            (count,) = db.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'interestream-job' AND datname = current_database()"
            ).fetchone() or (0,)
            if count == 0:
                break
            time.sleep(0.05)
    return count


def end_sessions(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'interestream-job' AND datname = current_database()"
        )


def once(action: Callable[[], None]) -> Callable[[], None]:
    left = [action]
    return lambda: left.pop()() if left else None


def test_on_change_is_called_after_each_failure_and_the_success_after_them(retrying):
    calls: list[tuple[int, bool]] = []
    retrying.on_change = lambda given: calls.append((given.retries, given.waiting_s() > 0))
    refusals = [psycopg.OperationalError("down")] * 2

    def transaction(_: psycopg.Connection) -> None:
        if refusals:
            raise refusals.pop()

    retrying.run(transaction)
    retrying.run(lambda _: None)
    assert calls == [(1, True), (2, True), (2, False)]


def test_transactions_are_committed_one_by_one(retrying, table):
    retrying.run(write(1))
    retrying.run(write(2))
    assert written(table) == [1, 2]


def test_a_connection_that_breaks_between_batches_is_opened_again(retrying, table):
    retrying.run(write(1))
    end_sessions(table)
    retrying.run(write(2))
    assert written(table) == [1, 2]


def test_a_batch_whose_connection_breaks_is_rolled_back_and_run_again(retrying, table, caplog):
    caplog.set_level(logging.WARNING)
    tries = []
    end = once(lambda: end_sessions(table))

    def middle() -> None:
        tries.append(written(table))
        end()

    retrying.run(write(1, middle))
    assert (tries, written(table)) == ([[], []], [1])
    assert "Postgres did not take the batch (attempt 1)" in caplog.text


def test_a_batch_that_was_committed_without_a_confirmation_is_written_once(retrying, table):
    # The commit succeeded and its confirmation was lost, so the transaction runs again.
    retrying.run(write(7))
    retrying.run(write(7))
    with psycopg.connect(table, autocommit=True) as db:
        assert db.execute("SELECT n, times FROM written").fetchall() == [(7, 1)]


def test_a_fault_of_ours_is_not_tried_again(retrying, table):
    tries = []

    def wrong(connection: psycopg.Connection) -> None:
        tries.append(1)
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(PostgresRefusedError, match=r'"nowhere" does not exist.*interestream apply'):
        retrying.run(wrong)
    assert len(tries) == 1
    assert sessions(table) == 0
    retrying.run(write(1))
    assert written(table) == [1]


def test_a_row_beyond_a_limit_of_postgres_is_not_tried_again(retrying):
    tries = []

    def too_large(connection: psycopg.Connection) -> None:
        tries.append(1)
        raise psycopg.errors.ProgramLimitExceeded("index row size 3208 exceeds maximum 2712")

    with pytest.raises(PostgresRefusedError, match="index row size 3208"):
        retrying.run(too_large)
    assert len(tries) == 1


def test_an_error_outside_of_postgres_closes_the_session_as_well(retrying, table):
    retrying.run(write(1))
    assert sessions(table) == 1

    def wrong(_: psycopg.Connection) -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        retrying.run(wrong)
    assert sessions(table) == 0


@pytest.fixture
def writer_dsn(table: str) -> Iterator[str]:
    """A role of its own that may write to the table."""
    with login(table, "pg_read_all_data") as dsn:
        role = psycopg.conninfo.conninfo_to_dict(dsn)["user"]
        with psycopg.connect(table, autocommit=True) as db:
            db.execute(f"GRANT INSERT, UPDATE ON written TO {role}".encode())
            yield dsn
            db.execute(f"DROP OWNED BY {role}".encode())


@pytest.mark.parametrize(
    ("fault", "cure", "words"),
    [
        (
            "ALTER ROLE {role} SET default_transaction_read_only = on",
            "ALTER ROLE {role} RESET default_transaction_read_only",
            "read-only transaction",
        ),
        ("REVOKE INSERT ON written FROM {role}", "GRANT INSERT ON written TO {role}", "denied"),
        ("ALTER ROLE {role} NOLOGIN", "ALTER ROLE {role} LOGIN", "not permitted to log in"),
        (
            "ALTER ROLE {role} CONNECTION LIMIT 0",
            "ALTER ROLE {role} CONNECTION LIMIT -1",
            "too many connections",
        ),
        (
            "ALTER ROLE {role} PASSWORD 'another'",
            "ALTER ROLE {role} PASSWORD '{password}'",
            "password authentication failed",
        ),
    ],
)
def test_what_passes_is_waited_for(writer_dsn, table, fault, cure, words, caplog):
    caplog.set_level(logging.WARNING)
    parts = psycopg.conninfo.conninfo_to_dict(writer_dsn)
    names = {"role": parts["user"], "password": parts["password"]}
    retrying = RetryingConnection(database(writer_dsn), prepare)
    retrying.run(write(1))
    with psycopg.connect(table, autocommit=True) as db:
        db.execute(fault.format(**names).encode())
        # The fault meets a new session, as after a failover.
        retrying.close()
        told: list[bool] = []

        def mend(given: RetryingConnection) -> None:
            told.append(given.waiting_s() > 0)
            db.execute(cure.format(**names).encode())

        retrying.on_change = mend
        retrying.run(write(2))
    retrying.close()
    assert written(table) == [1, 2]
    assert told == [True, False]
    assert words in caplog.text
    assert str(parts["password"]) not in caplog.text


def test_a_deadlock_is_tried_again(retrying, table):
    def deadlock() -> None:
        raise psycopg.errors.DeadlockDetected("deadlock detected")

    retrying.run(write(3, once(deadlock)))
    assert written(table) == [3]


def test_a_connection_commits_as_durably_as_configured(table):
    for mode in ("off", "remote_apply"):
        settings = Database.model_validate({"dsn": table, "synchronous_commit": mode})
        connection = RetryingConnection(settings, prepare)
        found = []
        connection.run(lambda db: found.append(db.execute("SHOW synchronous_commit").fetchone()))  # noqa: B023
        connection.close()
        assert found == [(mode,)]


def test_closing_twice_or_before_the_first_batch_is_fine(table):
    connection = RetryingConnection(database(table), prepare)
    connection.close()
    connection.run(write(1))
    connection.close()
    connection.close()


@pytest.fixture
def own_server() -> Iterator[Server]:
    with temporary_postgres() as server:
        yield server


def test_while_postgres_is_down_the_batch_waits_and_is_written_when_it_is_back(
    own_server, caplog, monkeypatch
):
    caplog.set_level(logging.WARNING)
    with psycopg.connect(own_server.dsn, autocommit=True) as db:
        db.execute("CREATE TABLE written (n int PRIMARY KEY, times int DEFAULT 1)")
    retrying = RetryingConnection(database(own_server.dsn), prepare)
    retrying.run(write(1))
    stop_postgres(own_server.data_dir)

    refused = threading.Event()
    report = retrying._report_failure

    def report_and_set(attempt: RetryCallState) -> None:
        report(attempt)
        refused.set()

    monkeypatch.setattr(retrying, "_report_failure", report_and_set)
    waiting = threading.Thread(target=retrying.run, args=(write(2),))
    waiting.start()
    assert refused.wait(20)
    assert waiting.is_alive()
    assert retrying.waiting_s() > 0
    assert retrying.retries >= 1
    start_again(own_server.data_dir, own_server.port)
    waiting.join(20)
    assert not waiting.is_alive()
    retrying.close()
    assert written(own_server.dsn) == [1, 2]
    assert retrying.waiting_s() == 0
    assert "the job goes on" in caplog.text
    assert own_server.password not in caplog.text


def start_again(data_dir: Path, port: int) -> None:
    start_postgres(data_dir, port=port, settings={"fsync": "off"}, dies_with_caller=True)


def test_after_patience_s_an_error_names_what_happens_next():
    dsn = f"postgresql://postgres:secret@127.0.0.1:{free_port()}/postgres"
    settings = Database.model_validate({"dsn": dsn, "retry_max_wait_s": 0.05, "patience_s": 0.3})
    with pytest.raises(PostgresUnreachableError) as caught:
        RetryingConnection(settings, prepare).run(write(1))
    message = str(caught.value)
    assert "refused" in message
    assert "starts again from its last checkpoint" in message
    assert "secret" not in message


def test_one_attempt_says_whether_it_was_committed(retrying, table):
    assert retrying.try_once(write(1))

    def breaks() -> None:
        raise psycopg.OperationalError("gone")

    assert not retrying.try_once(write(2, breaks))
    assert retrying.retries == 0
    assert retrying.try_once(write(3))
    with psycopg.connect(table) as db:
        assert db.execute("SELECT n FROM written ORDER BY n").fetchall() == [(1,), (3,)]


def test_one_attempt_raises_what_does_not_pass(retrying):
    with pytest.raises(PostgresRefusedError, match="nowhere"):
        retrying.try_once(lambda connection: connection.execute("SELECT * FROM nowhere"))
