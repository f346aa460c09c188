"""One job, one fault of Postgres after another: it waits or restarts, and loses nothing."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from jobs.datasets.feed import DirectoryFeed
from jobs.local.postgres import Server, temporary_postgres
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.simulator import simulated_dataset
from jobs.spaces.build import build_space, documents
from sql.apply import apply
from tests.cluster.recomputed import compare_with_recomputation, wait_committed
from tests.sql.logins import login

MOST_SESSIONS = 6
"""Items, vectors, users, trends, neighbours, learning: the job has one slot."""
PART = 400
MAX_CONNECTIONS = 24
"""Fewer than a job that leaves a session behind at each restart would need."""


@pytest.fixture
def server() -> Iterator[Server]:
    with temporary_postgres(settings={"max_connections": str(MAX_CONNECTIONS)}) as made:
        apply(made.dsn)
        yield made


class Faults:
    """Makes faults in the database of a job, as its superuser, and mends them."""

    def __init__(self, admin: psycopg.Connection, job_dsn: str, logs: Path) -> None:
        self._admin = admin
        self._dsn = job_dsn
        self._logs = logs
        given = conninfo_to_dict(job_dsn)
        self.role, self.password = str(given["user"]), str(given["password"])

    def run(self, *statements: str) -> None:
        for statement in statements:
            self._admin.execute(statement.encode())

    def sessions(self) -> list[int]:
        """Process ids of the job's sessions."""
        rows = self._admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'interestream-%'"
        ).fetchall()
        return [pid for (pid,) in rows]

    def end_sessions(self) -> None:
        """Have the job open new ones, in which settings of its role are new."""
        for pid in self.sessions():
            self._admin.execute("SELECT pg_terminate_backend(%s)", [pid])

    def logged(self, words: str) -> int:
        """How often the TaskManagers' logs have the words."""
        return sum(
            path.read_text(errors="replace").count(words) for path in self._logs.glob("*taskman*")
        )


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_fault_is_waited_for_and_no_session_is_left_behind(
    server: Server, bundle_dir: Path, tmp_path: Path
) -> None:
    dataset = simulated_dataset(seed=24, users=100, events=3_200, items=100, days=5)
    space_id = build_space(server.dsn, bundle_dir, documents(dataset.items()), sample=100)
    feed = DirectoryFeed(tmp_path / "streams")
    settings = [
        "checkpoints.interval_ms=1000",
        "checkpoints.timeout_ms=5000",
        "checkpoints.max_failures=1000",
    ]
    with (
        login(server.dsn, "interestream_writer") as job_dsn,
        psycopg.connect(server.dsn, autocommit=True) as admin,
        LocalCluster(tmp_path / "cluster", job_dsn, options={"heartbeat.timeout": "60000"}) as own,
    ):
        faults = Faults(admin, job_dsn, tmp_path / "cluster" / "log")
        job_id = own.submit(job_arguments(bundle_dir, tmp_path, settings))
        own.wait_running(job_id)
        items = feed.write_items(dataset.items())
        wait_committed(server.dsn, space_id, "items", items)
        events = dataset.events()
        fed = feed.write_events(islice(events, PART))
        wait_committed(server.dsn, space_id, "events", fed)

        def until(condition: Callable[[], bool], what: str) -> None:
            deadline = time.monotonic() + 180
            while not condition():
                own.replace_ended()
                assert time.monotonic() < deadline, (what, own.rest.status(job_id))
                time.sleep(0.1)

        def day(
            make: Callable[[], None], seen: Callable[[], bool], mend: Callable[[], None]
        ) -> None:
            """A fault, during which events come, and which is mended once it was seen."""
            nonlocal fed
            make()
            fed += feed.write_events(islice(events, PART))
            try:
                until(seen, f"fault {seen}")
            finally:
                mend()
            wait_committed(server.dsn, space_id, "events", fed)

        def waits(words: str) -> Callable[[], bool]:
            before = faults.logged(words)
            return lambda: faults.logged(words) > before

        def sql(*statements: str) -> Callable[[], None]:
            return lambda: faults.run(*statements)

        reload = "SELECT pg_reload_conf()"
        day(
            sql("ALTER SYSTEM SET default_transaction_read_only = on", reload),
            waits("read-only transaction"),
            sql("ALTER SYSTEM RESET default_transaction_read_only", reload),
        )
        day(
            sql("REVOKE INSERT ON interestream.users FROM interestream_writer"),
            waits("permission denied for table users"),
            sql("GRANT INSERT ON interestream.users TO interestream_writer"),
        )

        def in_new_sessions(statement: str) -> Callable[[], None]:
            def make() -> None:
                faults.run(statement)
                faults.end_sessions()

            return make

        day(
            in_new_sessions(f"ALTER ROLE {faults.role} SET statement_timeout = '1ms'"),
            waits("due to statement timeout"),
            in_new_sessions(f"ALTER ROLE {faults.role} RESET statement_timeout"),
        )
        day(
            in_new_sessions(f"ALTER ROLE {faults.role} PASSWORD 'another'"),
            waits("password authentication failed"),
            sql(f"ALTER ROLE {faults.role} PASSWORD '{faults.password}'"),
        )
        restarts_before = own.rest.status(job_id)

        def restarts() -> int:
            status = own.rest.status(job_id)
            return 0 if status is None else status.restarts

        day(
            sql("ALTER TABLE interestream.users RENAME TO users_aside"),
            lambda: restarts() >= 4,
            sql("ALTER TABLE interestream.users_aside RENAME TO users"),
        )
        after_restarts = faults.sessions()

        stopped: list[int] = []

        def stop_sessions() -> None:
            stopped.extend(faults.sessions())
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)

        def go_on() -> None:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

        failed_before = int(own.rest.checkpoints(job_id)["counts"]["failed"])
        day(
            stop_sessions,
            lambda: int(own.rest.checkpoints(job_id)["counts"]["failed"]) > failed_before,
            go_on,
        )
        # The rest of the events, with all well.
        fed += feed.write_events(events)
        wait_committed(server.dsn, space_id, "events", fed)
        time.sleep(2.0)  # what waits for an item is joined
        wait_committed(server.dsn, space_id, "events", fed)
        sessions = faults.sessions()
        log = "".join(
            path.read_text(errors="replace") for path in (tmp_path / "cluster" / "log").iterdir()
        )
    assert compare_with_recomputation(dataset, server.dsn, space_id, bundle_dir).ok
    assert restarts_before is not None
    assert restarts_before.restarts == 0
    assert len(after_restarts) <= MOST_SESSIONS
    assert len(sessions) <= MOST_SESSIONS
    assert faults.password not in log
    assert "would again: the schema of this database is missing or old" in log
