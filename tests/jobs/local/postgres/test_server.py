"""The embedded Postgres: start, stop, access, recovery, and errors."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from jobs.local.postgres import (
    PASSWORD_FILE,
    AlreadyRunningError,
    DataDirError,
    PortTakenError,
    StartError,
    binaries,
    embedded_postgres,
    running,
    start,
    stop,
)
from jobs.local.postgres import server as module
from jobs.runtime import processes

SMALL = {"shared_buffers": "16MB", "fsync": "off"}


@pytest.fixture
def data_dir(tmp_path):
    folder = tmp_path / "data"
    yield folder
    stop(folder)


def query(dsn: str, statement: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return str(row[0])


def test_rows_survive_a_restart_and_no_process_stays_behind(data_dir):
    with embedded_postgres(data_dir, settings=SMALL) as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE EXTENSION vector")
            connection.execute("CREATE TABLE t AS SELECT 42 AS a")
        pid = server.pid
    assert not psutil.pid_exists(pid)
    assert running(data_dir) is None
    with embedded_postgres(data_dir, settings=SMALL) as server:
        assert query(server.dsn, "SELECT a FROM t") == "42"
        assert query(server.dsn, "SELECT '[1,2]'::halfvec") == "[1,2]"


def test_a_server_outlives_the_call_until_it_is_stopped(data_dir):
    server = start(data_dir, settings=SMALL)
    assert running(data_dir) == server
    with pytest.raises(AlreadyRunningError, match=str(server.port)):
        start(data_dir)
    assert stop(data_dir)
    assert not stop(data_dir)
    assert not psutil.pid_exists(server.pid)


def test_it_listens_on_the_loopback_only_and_requires_the_password(data_dir):
    with embedded_postgres(data_dir, settings=SMALL) as server:
        listening = psutil.Process(server.pid).net_connections("inet")
        assert {connection.laddr.ip for connection in listening if not connection.raddr} == {
            "127.0.0.1"
        }
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.dsn.replace(server.password, "guess"))
        assert (data_dir / PASSWORD_FILE).stat().st_mode & 0o777 == 0o600
        assert server.password not in repr(server)
        assert server.password not in " ".join(psutil.Process(server.pid).cmdline())


def test_psql_can_use_the_dsn(data_dir):
    with embedded_postgres(data_dir, settings=SMALL) as server:
        done = subprocess.run(
            [str(binaries() / "psql"), server.dsn, "-Atc", "SELECT 1 + 1"],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.strip() == "2"


def test_a_requested_port_that_is_taken_is_refused(data_dir):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)):
            start(data_dir, port=port)
    server = start(data_dir, port=port, settings=SMALL)
    assert server.port == port


def test_a_port_that_is_lost_at_the_last_moment_is_replaced(data_dir, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = iter([other.getsockname()[1], processes.free_port()])
        monkeypatch.setattr(module, "free_port", lambda: next(ports))
        with embedded_postgres(data_dir, settings=SMALL) as server:
            assert server.port != other.getsockname()[1]


def test_a_killed_server_recovers_at_the_next_start(data_dir):
    server = start(data_dir, settings=SMALL)
    query(server.dsn, "SELECT 1")
    tree = [psutil.Process(server.pid), *psutil.Process(server.pid).children()]
    os.kill(server.pid, signal.SIGKILL)
    psutil.wait_procs(tree, timeout=10)
    assert running(data_dir) is None
    # Let another process have its process id, as in a container that was restarted.
    pid_file = data_dir / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(server.pid), str(os.getpid()), 1))
    again = start(data_dir, settings=SMALL)
    assert query(again.dsn, "SELECT 1") == "1"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")
def test_a_server_in_a_with_block_stops_with_a_killed_caller(data_dir):
    script = (
        "import pathlib, sys, time\n"
        "from jobs.local.postgres import embedded_postgres\n"
        "with embedded_postgres(pathlib.Path(sys.argv[1]), settings={'shared_buffers': '16MB'}):\n"
        "    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert caller.stdout is not None
    with caller:
        assert caller.stdout.readline() == "up\n"
        assert running(data_dir) is not None
        caller.kill()
    deadline = time.monotonic() + 20
    while (data_dir / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(data_dir) is None


def test_folders_that_are_no_data_directory_are_refused_and_unchanged(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataDirError, match="neither empty nor"):
        start(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_data_directory_of_another_version_is_refused(tmp_path):
    (tmp_path / "PG_VERSION").write_text("16\n")
    with pytest.raises(DataDirError, match=r"PostgreSQL 16, the embedded one is 18"):
        start(tmp_path)


def test_a_folder_of_an_interrupted_first_start_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "PG_VERSION").write_text("18\n")
    with pytest.raises(DataDirError, match="first start was interrupted, then delete it"):
        start(tmp_path)


def test_the_error_for_a_failed_start_holds_the_log(data_dir):
    with pytest.raises(StartError, match="no_such_setting"):
        start(data_dir, settings={"no_such_setting": "1"})


def test_the_server_does_not_run_as_root(data_dir):
    with embedded_postgres(data_dir, settings=SMALL) as server:
        assert psutil.Process(server.pid).uids().effective != 0
        assert Path(psutil.Process(server.pid).exe()).parent == binaries().resolve()
