"""A streaming replica answers every question, and refuses what writes."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from interestream import Recommender
from jobs.local.postgres import Server, binaries
from jobs.local.postgres.data_directory import Owner, run_as
from jobs.runtime.processes import die_with_parent, free_port
from tests.sql.calls import READING, TASKS
from tests.sql.logins import login


@pytest.fixture
def standby_port(postgres: Server) -> Iterator[int]:
    """Port of a hot standby of the session's server."""
    status = postgres.data_dir.stat()
    as_owner = run_as(Owner(status.st_uid, status.st_gid, switch=os.geteuid() == 0))
    folder = Path(tempfile.mkdtemp(prefix="interestream-standby-"))
    os.chown(folder, status.st_uid, status.st_gid)
    data, port = folder / "data", free_port()
    given = conninfo_to_dict(postgres.dsn)
    connection = {f"PG{name.upper()}": str(given[name]) for name in ("host", "port", "user")}
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    try:
        subprocess.run(
            [str(binaries() / "pg_basebackup"), "-D", str(data), "-R", "--checkpoint=fast"],
            env={**os.environ, **connection, "PGPASSWORD": str(given["password"])},
            cwd=folder,
            check=True,
            **as_owner,
        )
        server = subprocess.Popen(
            [
                *(str(binaries() / "postgres"), "-D", str(data)),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            cwd=folder,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509
            **as_owner,
        )
        try:
            yield port
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def caught_up(primary: str, standby: str, timeout_s: float = 60.0) -> None:
    """Wait until the standby has replayed all that is committed on the primary.

    Without synchronous commits a commit may return before it is written, hence the position of
    the last insert.
    """
    with psycopg.connect(primary) as db:
        (written,) = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or (None,)
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with psycopg.connect(standby) as db:
                query = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
                if db.execute(query, [written]).fetchone() == (True,):
                    return
        except psycopg.OperationalError:
            pass  # it starts
        assert time.monotonic() < deadline, "the standby did not catch up"
        time.sleep(0.1)


def test_a_hot_standby_answers_every_question_and_refuses_what_writes(
    filled: str, standby_port: int
) -> None:
    standby = make_conninfo(filled, port=standby_port)
    with psycopg.connect(filled) as primary:
        primary.execute(f"SELECT interestream.create_space({TASKS['create_space']})")
    with login(filled, "interestream_reader") as reader:
        caught_up(filled, standby)
        with (
            psycopg.connect(reader, autocommit=True) as there,
            psycopg.connect(make_conninfo(reader, port=standby_port), autocommit=True) as here,
        ):
            assert here.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
            for name, arguments in READING.items():
                query = f"SELECT * FROM interestream.{name}({arguments})"
                assert here.execute(query).fetchall() == there.execute(query).fetchall(), name
            picks = Recommender(here).recommend("ann", 5)
        assert len(picks) == 5
    with psycopg.connect(standby, autocommit=True) as superuser:
        # What locks alone writes nothing, nor does what finds nothing to remove.
        writes_nothing = {"lock_groups", "deleted_items_since", "check_batch", "hold_space"}
        for name in TASKS.keys() - writes_nothing - {"remove_leftovers"}:
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                superuser.execute(f"SELECT interestream.{name}({TASKS[name]})")
