"""Application mode as docs/production.md has it: a JobManager that starts with the job, and a
TaskManager that outlives it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.runtime import processes
from jobs.runtime.flink_rest import FlinkRest
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line

PAGES = (
    *("/jobmanager/config", "/jobmanager/environment", "/jobmanager/log", "/taskmanagers"),
    *("/jobs/{job}", "/jobs/{job}/plan", "/jobs/{job}/config", "/jobs/{job}/exceptions"),
)


class Machine:
    """Runs `interestream jobmanager` and `interestream taskmanager` as systemd would."""

    def __init__(self, folder: Path, dsn: str, bundle: Path) -> None:
        self._folder = folder
        self._dsn = dsn
        self._rpc_port = processes.free_port()
        self.rest = FlinkRest(processes.free_port())
        self._settings = [
            f"--set=encoder.bundle={bundle}",
            f"--set=sources.root={folder / 'streams'}",
            f"--set=checkpoints.directory={folder / 'checkpoints'}",
            "--set=checkpoints.interval_ms=1000",
        ]
        self._started: list[subprocess.Popen[bytes]] = []

    def interestream(
        self, *arguments: str, log: str, environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "jobs.cli", *arguments]
        process = processes.start(command, {**os.environ, **environment}, self._folder / log)
        self._started.append(process)
        return process

    def job_manager(self, *further: str) -> subprocess.Popen[bytes]:
        return self.interestream(
            *("jobmanager", "--resume", "--folder", str(self._folder / "jobmanager")),
            *("--flink", f"rest.port={self.rest.address.rpartition(':')[2]}"),
            *("--flink", f"jobmanager.rpc.port={self._rpc_port}"),
            *("--flink", "heartbeat.timeout=5000", "--flink", "heartbeat.interval=1000"),
            *self._settings,
            *further,
            log="jobmanager.out",
            environment={"INTERESTREAM_DSN": self._dsn},
        )

    def task_manager(self) -> subprocess.Popen[bytes]:
        return self.interestream(
            *("taskmanager", "--jobmanager", f"127.0.0.1:{self._rpc_port}", "--host", "127.0.0.1"),
            *("--folder", str(self._folder / "taskmanager")),
            *("--flink", "taskmanager.memory.process.size=2500m"),
            *("--flink", "taskmanager.memory.managed.size=128m"),
            *("--flink", "heartbeat.timeout=5000", "--flink", "heartbeat.interval=1000"),
            log="taskmanager.out",
            environment={},
        )

    def stop(self) -> None:
        for process in self._started:
            processes.stop(process, timeout_s=5.0)


@pytest.fixture
def machine(tmp_path: Path, dsn: str, bundle_dir: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path, dsn, bundle_dir)
    yield machine
    machine.stop()


def until(condition: Callable[[], Any], what: str, timeout_s: float = 240.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def contents(folder: Path) -> dict[Path, bytes]:
    """What the files below the folder hold; checkpoints come and go meanwhile."""
    found = {}
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if file.is_file():
                found[file] = file.read_bytes()
    return found


def assert_hidden(secret: str, folder: Path, rest: FlinkRest) -> None:
    """The secret is in no file of the processes, no command line and no page of Flink."""
    files = contents(folder)
    assert {"jobmanager.out", "taskmanager.out", "config.yaml"} <= {file.name for file in files}
    assert [file for file, content in files.items() if secret.encode() in content] == []
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert any("org.apache.flink.client.python.PythonDriver" in line for line in lines)
    assert [line for line in lines if any(secret in word for word in line)] == []
    for page in PAGES:
        address = f"http://{rest.address}{page.format(job=rest.jobs()[0])}"
        with urllib.request.urlopen(address, timeout=30) as response:
            text = response.read().decode()
        assert text
        assert secret not in text


@pytest.mark.cluster
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_job_outlives_its_job_manager_and_goes_on_from_a_savepoint_with_another_setting(
    machine: Machine, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    secret = str(psycopg.conninfo.conninfo_to_dict(dsn)["password"])
    feed = DirectoryFeed(tmp_path / "streams")
    rest = machine.rest
    job_manager, task_manager = machine.job_manager(), machine.task_manager()
    with psycopg.connect(dsn, autocommit=True) as db:

        def applied() -> int:
            return read_progress(db, space_id)["events"].applied

        def kinds() -> list[str]:
            rows = db.execute("SELECT DISTINCT kind FROM interestream.user_windows").fetchall()
            return sorted(kind for (kind,) in rows)

        def sessions() -> int:
            (count,) = db.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'interestream-job'"
            ).fetchone() or (0,)
            return int(count)

        def feed_event(number: int) -> None:
            time_ms = NOON_MS + number
            feed.write_events(
                [event_line(str(number), user_id="ada", item_id="tea", event_time=time_ms)]
            )

        feed.write_items([item_line("tea", title="A book about tea")])
        feed_event(1)
        until(lambda: applied() == 1, "the first event")
        assert_hidden(secret, tmp_path, rest)
        job_id = rest.jobs()[0]
        first = rest.checkpoints(job_id)["counts"]["completed"]
        until(lambda: rest.checkpoints(job_id)["counts"]["completed"] > first + 1, "a checkpoint")

        job_manager.send_signal(signal.SIGKILL)
        job_manager.wait()
        feed_event(2)
        job_manager = machine.job_manager()
        until(lambda: applied() == 2, "the event after the JobManager's death")
        until(lambda: rest.running(rest.jobs()[0]), "every task")

        savepoint = rest.stop(rest.jobs()[0], (tmp_path / "checkpoints").as_uri())
        assert savepoint.startswith(f"file:{tmp_path}/checkpoints/savepoint-")
        assert job_manager.wait(60) == 0
        until(lambda: sessions() == 0, "the end of the job's sessions")
        machine.job_manager('--set=interest.half_lives_s={"week":604800.0}')
        feed_event(3)
        until(lambda: applied() == 3, "the event after the savepoint")
        until(lambda: kinds() == ["recent", "session", "topics", "week"], "the new window")
        assert read_progress(db, space_id)["events"].duplicates == 0
        assert savepoint.removeprefix("file:") in (tmp_path / "jobmanager.out").read_text()
        assert_hidden(secret, tmp_path, rest)
    assert task_manager.poll() is None


def test_a_job_that_cannot_start_says_why_and_fails(machine: Machine, tmp_path: Path) -> None:
    wrong = machine.job_manager("--set=checkpoints.directory=/nowhere", "--set=interest.x=1")
    assert wrong.wait(120) == 2
    assert "interest.x" in (tmp_path / "jobmanager.out").read_text()
