"""What a server can do to the job's connection: each fault is made in a server of its own."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from jobs.config import Database
from jobs.errors import PostgresRefusedError
from jobs.local.postgres import Server, temporary_postgres
from jobs.local.postgres import start as start_postgres
from jobs.local.postgres import stop as stop_postgres
from jobs.sinks.connection import RetryingConnection
from tests.fixtures.pooler import pgbouncer
from tests.fixtures.standby import caught_up, hot_standby
from tests.sql.logins import login

FEW_CONNECTIONS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    settings = {
        "max_connections": str(FEW_CONNECTIONS),
        "superuser_reserved_connections": "3",
        "fsync": "on",
    }
    with temporary_postgres(settings=settings) as made:
        yield made


@pytest.fixture
def admin(server: Server) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a database with an empty table `written (n)`."""
    with psycopg.connect(server.dsn, autocommit=True) as db:
        db.execute("CREATE TABLE written (n int PRIMARY KEY)")
        yield db
        db.execute("DROP TABLE IF EXISTS written")


@pytest.fixture
def writer_dsn(server: Server, admin: psycopg.Connection) -> Iterator[str]:
    """A login that may write to the table, as the job's may."""
    with login(server.dsn, "pg_write_all_data") as dsn:
        admin.execute(b"GRANT pg_read_all_data TO " + role_of(dsn).encode())
        yield dsn


def role_of(dsn: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["user"])


def connect(dsn: str) -> RetryingConnection:
    settings = {"dsn": dsn, "retry_max_wait_s": 0.05, "patience_s": 60}
    return RetryingConnection(Database.model_validate(settings), lambda _: None)


def write(
    number: int, after: Callable[[psycopg.Connection], None] = lambda _: None
) -> Callable[[psycopg.Connection], None]:
    """A transaction that writes a number, and calls `after` before it is committed."""

    def transaction(connection: psycopg.Connection) -> None:
        connection.execute("INSERT INTO written (n) VALUES (%s) ON CONFLICT DO NOTHING", (number,))
        after(connection)

    return transaction


def written(dsn: str) -> list[int]:
    with psycopg.connect(dsn, autocommit=True) as db:
        return [n for (n,) in db.execute("SELECT n FROM written ORDER BY n").fetchall()]


def mended_by(
    retrying: RetryingConnection, mend: Callable[[], object], after: int = 1
) -> list[bool]:
    """Mend the fault when so many attempts have failed; whether the job waited, call by call."""
    told: list[bool] = []

    def report(given: RetryingConnection) -> None:
        told.append(given.waiting_s() > 0)
        if len(told) == after:
            mend()

    retrying.on_change = report
    return told


def test_a_database_that_turns_read_only_beneath_a_session_is_waited_for(
    server, admin, writer_dsn, caplog
):
    def set_read_only(value: str) -> None:
        admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}".encode())
        admin.execute("SELECT pg_reload_conf()")

    retrying = connect(writer_dsn)
    retrying.run(write(1))
    told = mended_by(retrying, lambda: set_read_only("off"))
    set_read_only("on")
    try:
        while True:
            with psycopg.connect(writer_dsn) as other:
                if other.execute("SHOW transaction_read_only").fetchone() == ("on",):
                    break
        retrying.run(write(2))
    finally:
        set_read_only("off")
        retrying.close()
    assert written(server.dsn) == [1, 2]
    assert (told[0], told[-1]) == (True, False)
    assert "read-only transaction" in caplog.text


def test_a_server_without_a_free_connection_is_waited_for(server, admin, writer_dsn, caplog):
    caplog.set_level(logging.WARNING)
    others: list[psycopg.Connection] = []
    while len(others) < FEW_CONNECTIONS:
        try:
            others.append(psycopg.connect(writer_dsn))
        except psycopg.OperationalError:
            break

    def leave() -> None:
        for other in others:
            other.close()

    retrying = connect(writer_dsn)
    told = mended_by(retrying, leave)
    retrying.run(write(1))
    retrying.close()
    assert written(server.dsn) == [1]
    assert (told[0], told[-1]) == (True, False)
    assert "remaining connection slots are reserved" in caplog.text


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("statement_timeout = '100ms'", "due to statement timeout"),
        ("idle_in_transaction_session_timeout = '100ms'", "idle-in-transaction timeout"),
        ("transaction_timeout = '100ms'", "due to transaction timeout"),
        ("lock_timeout = '100ms'", "due to lock timeout"),
    ],
)
def test_a_time_limit_of_the_role_that_is_too_short_is_waited_for(
    server, admin, writer_dsn, limit, words, caplog
):
    caplog.set_level(logging.WARNING)
    name, role = limit.partition(" ")[0], role_of(writer_dsn)
    retrying = connect(writer_dsn)
    admin.execute(f"ALTER ROLE {role} SET {limit}".encode())
    with psycopg.connect(server.dsn) as other:
        other.execute("SELECT pg_advisory_xact_lock(1)")

        def mend() -> None:
            other.rollback()
            admin.execute(f"ALTER ROLE {role} RESET {name}".encode())

        told = mended_by(retrying, mend)
        idle = threading.Event()

        def slow(connection: psycopg.Connection) -> None:
            """Longer than each of the limits, while they are there."""
            if name == "idle_in_transaction_session_timeout" and not told:
                while not idle.wait(0.05):
                    pid = connection.info.backend_pid
                    query = "SELECT FROM pg_stat_activity WHERE pid = %s"
                    if admin.execute(query, [pid]).fetchone() is None:
                        idle.set()
                connection.execute("SELECT 1")
            connection.execute("SELECT pg_advisory_xact_lock(1)")

        retrying.run(write(1, slow))
    retrying.close()
    assert written(server.dsn) == [1]
    assert (told[0], told[-1]) == (True, False)
    assert words in caplog.text


def test_a_session_that_the_server_ends_for_being_idle_is_replaced(server, admin, writer_dsn):
    admin.execute(f"ALTER ROLE {role_of(writer_dsn)} SET idle_session_timeout = '50ms'".encode())
    retrying = connect(writer_dsn)
    pids: list[int] = []
    retrying.run(write(1, lambda connection: pids.append(connection.info.backend_pid)))
    while admin.execute("SELECT FROM pg_stat_activity WHERE pid = %s", pids).fetchone():
        pass
    retrying.run(write(2))
    retrying.close()
    assert written(server.dsn) == [1, 2]


def test_a_deadlock_ends_one_of_the_two_and_is_tried_again(server, admin, writer_dsn, caplog):
    caplog.set_level(logging.WARNING)
    locks = "SELECT pg_advisory_xact_lock(%s)"
    both = threading.Barrier(2, timeout=30)
    tries = []

    def crosswise(first: int, second: int) -> Callable[[psycopg.Connection], None]:
        def take(connection: psycopg.Connection) -> None:
            tries.append(first)
            connection.execute(locks, (first,))
            if len(tries) <= 2:
                both.wait()
            connection.execute(locks, (second,))

        return take

    one, other = connect(writer_dsn), connect(writer_dsn)
    thread = threading.Thread(target=lambda: other.run(write(2, crosswise(8, 7))))
    thread.start()
    one.run(write(1, crosswise(7, 8)))
    thread.join(60)
    one.close()
    other.close()
    assert written(server.dsn) == [1, 2]
    assert len(tries) == 3
    assert "deadlock detected" in caplog.text


def test_a_role_of_another_isolation_level_writes_read_committed(server, admin, writer_dsn):
    """Under another one, a statement that waits for a lock does not see what it waited for."""
    role = role_of(writer_dsn)
    admin.execute(f"ALTER ROLE {role} SET default_transaction_isolation = serializable".encode())
    retrying = connect(writer_dsn)
    levels: list[object] = []
    retrying.run(
        lambda db: levels.append(db.execute("SHOW transaction_isolation").fetchone()),
    )
    retrying.close()
    assert levels == [("read committed",)]


def test_a_session_that_hangs_is_waited_for_without_an_error(server, admin, writer_dsn):
    retrying = connect(writer_dsn)
    stopped = threading.Event()
    pids: list[int] = []

    def stop(connection: psycopg.Connection) -> None:
        pids.append(connection.info.backend_pid)
        os.kill(pids[0], signal.SIGSTOP)
        stopped.set()
        connection.execute("SELECT 1")

    thread = threading.Thread(target=lambda: retrying.run(write(1, stop)))
    thread.start()
    try:
        assert stopped.wait(30)
        assert written(server.dsn) == []
        assert thread.is_alive()
    finally:
        os.kill(pids[0], signal.SIGCONT)
    thread.join(30)
    retrying.close()
    assert written(server.dsn) == [1]
    assert retrying.retries == 0


def test_a_server_that_hangs_does_not_hang_a_new_session(server, admin, writer_dsn, caplog):
    caplog.set_level(logging.WARNING)
    # A connection string may say how long an attempt waits.
    retrying = connect(make_conninfo(writer_dsn, connect_timeout=2))
    told = mended_by(retrying, lambda: os.kill(server.pid, signal.SIGCONT))
    os.kill(server.pid, signal.SIGSTOP)
    try:
        retrying.run(write(1))
    finally:
        os.kill(server.pid, signal.SIGCONT)
    retrying.close()
    assert written(server.dsn) == [1]
    assert (told[0], told[-1]) == (True, False)
    assert "timeout" in caplog.text


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the options are Linux's")
@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, (10, 5, 3, 25_000)), ({"keepalives_idle": 60, "tcp_user_timeout": 0}, (60, 5, 3, 0))],
)
def test_a_machine_that_is_gone_without_a_word_is_missed_within_seconds(
    server, admin, writer_dsn, given, expected
):
    """The system ends such a connection by these options, which a connection string may set."""
    options = (
        socket.TCP_KEEPIDLE,
        socket.TCP_KEEPINTVL,
        socket.TCP_KEEPCNT,
        socket.TCP_USER_TIMEOUT,
    )
    retrying = connect(make_conninfo(writer_dsn, **given))
    found: list[tuple[int, ...]] = []

    def look(connection: psycopg.Connection) -> None:
        with socket.socket(fileno=os.dup(connection.fileno())) as tcp:
            found.append(tuple(tcp.getsockopt(socket.IPPROTO_TCP, each) for each in options))

    retrying.run(look)
    retrying.close()
    assert found == [expected]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DROP TABLE written", "restore it"),
        ("ALTER TABLE written RENAME n TO m", "restore it"),
        ("ALTER TABLE written ADD CHECK (n < 2)", "violates check constraint"),
    ],
)
def test_a_table_that_is_not_as_it_was_is_not_waited_for(server, admin, writer_dsn, damage, words):
    retrying = connect(writer_dsn)
    retrying.run(write(1))
    admin.execute(damage.encode())
    with pytest.raises(PostgresRefusedError, match=words):
        retrying.run(write(2))
    assert retrying.retries == 0


def test_a_database_that_is_gone_is_waited_for(server, admin, caplog):
    """It may be restored under its name."""
    caplog.set_level(logging.WARNING)
    create = "CREATE DATABASE lost"
    admin.execute(create.encode())
    retrying = connect(server.dsn_of("lost"))
    table = "CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)"
    retrying.run(lambda db: write(1)(db.execute(table).connection))
    told = mended_by(retrying, lambda: admin.execute(create.encode()), after=2)
    admin.execute("DROP DATABASE lost WITH (FORCE)")
    retrying.run(lambda db: write(2)(db.execute(table).connection))
    retrying.close()
    assert written(server.dsn_of("lost")) == [2]
    assert (told[0], told[-1]) == (True, False)
    assert 'database "lost" does not exist' in caplog.text
    admin.execute("DROP DATABASE lost")


def test_a_damaged_file_of_a_table_is_not_waited_for_and_named_as_such():
    with temporary_postgres() as own:
        with psycopg.connect(own.dsn, autocommit=True) as db:
            db.execute("CREATE TABLE written (n int PRIMARY KEY)")
            retrying = connect(own.dsn)
            retrying.run(write(1))
            retrying.close()
            path = db.execute("SELECT pg_relation_filepath('written')").fetchone()
            db.execute("CHECKPOINT")
        stop_postgres(own.data_dir)
        assert path is not None
        with (own.data_dir / path[0]).open("r+b") as file:
            file.seek(100)
            file.write(b"\xff" * 4_000)
        again = start_postgres(own.data_dir, port=own.port, dies_with_caller=True)
        with pytest.raises(PostgresRefusedError, match=r"damaged .* restore"):
            connect(again.dsn).run(write(2))


def test_a_pooler_in_session_mode_that_restarts_is_waited_for(server, admin, caplog):
    caplog.set_level(logging.WARNING)
    with pgbouncer(server, "session") as pooler:
        retrying = connect(pooler.dsn(server.dsn))
        retrying.run(write(1))
        pooler.stop()
        told = mended_by(retrying, pooler.start, after=2)
        retrying.run(write(2))
        retrying.close()
    assert written(server.dsn) == [1, 2]
    assert (told[0], told[-1]) == (True, False)
    assert "Connection refused" in caplog.text


def test_after_a_failover_the_batch_goes_to_the_host_that_is_writable(caplog):
    caplog.set_level(logging.WARNING)
    with temporary_postgres() as primary:
        with psycopg.connect(primary.dsn, autocommit=True) as db:
            db.execute("CREATE TABLE written (n int PRIMARY KEY)")
        with hot_standby(primary) as standby_port:
            standby = make_conninfo(primary.dsn, port=standby_port)
            caught_up(primary.dsn, standby)
            # The one that is not writable comes first.
            hosts = {"host": "127.0.0.1,127.0.0.1", "port": f"{standby_port},{primary.port}"}
            both = make_conninfo(primary.dsn, target_session_attrs="read-write", **hosts)
            retrying = connect(both)
            retrying.run(write(1))
            caught_up(primary.dsn, standby)
            stop_postgres(primary.data_dir)

            def promote() -> None:
                with psycopg.connect(standby, autocommit=True) as db:
                    db.execute("SELECT pg_promote()")

            told = mended_by(retrying, promote, after=2)
            retrying.run(write(2))
            retrying.close()
            assert written(standby) == [1, 2]
    assert (told[0], told[-1]) == (True, False)
    assert "the job goes on" in caplog.text
