"""A cluster that is kept: submit, stop with a savepoint, change a setting, and go on."""

import shlex
from pathlib import Path

import psutil
import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.runtime.kept_cluster import find_cluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.terminal import Terminal, java_process, until


def assert_healthy_while_it_runs(terminal: Terminal, streams: Path) -> None:
    """Nothing arrives any more, and every commit counts as old: the job is idle, not dead."""
    old = ["--commit-age-s", "0.001:0.002"]
    by_files = terminal.run("health", "--streams", str(streams), *old)
    assert "and no file waits" in by_files
    by_checkpoints = terminal.run("health", *old)
    assert "checkpoints complete, so nothing is stuck" in by_checkpoints
    for said in (by_files, by_checkpoints):
        assert all(line.startswith("ok") for line in said.splitlines())
        assert "the newest completed checkpoint is" in said


def kill_task_manager(supervisor: int) -> list[psutil.Process]:
    """Kill the JVM of the TaskManager alone, and return the processes that it had started."""
    task_manager = java_process(supervisor, "TaskManager")
    started = task_manager.children(recursive=True)
    assert any("beam_boot" in " ".join(process.cmdline()) for process in started)
    task_manager.kill()
    return started


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_job_is_submitted_stopped_with_a_savepoint_and_goes_on_with_another_setting(
    dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    terminal = Terminal(tmp_path, dsn)
    # Paths with spaces, as some people have.
    data = tmp_path / "data of the job"
    feed = DirectoryFeed(data / "streams")
    settings = [
        f"--set=encoder.bundle={bundle_dir}",
        f"--set=sources.root={data / 'streams'}",
        f"--set=checkpoints.directory={data / 'checkpoints'}",
        "--set=checkpoints.interval_ms=1000",
    ]
    assert "no cluster runs" in terminal.run("cluster", "status", code=2)
    try:
        assert "it runs and" in terminal.run("submit", *settings)
        cluster = find_cluster(tmp_path / ".interestream" / "cluster")
        assert cluster is not None
        processes = psutil.Process(cluster.pid).children(recursive=True)
        # One JVM for the JobManager and one for the TaskManager, and none inside the TaskManager.
        assert sum(process.name() == "java" for process in processes) == 2
        with psycopg.connect(dsn, autocommit=True) as db:

            def applied() -> int:
                return read_progress(db, space_id)["events"].applied

            feed.write_items([item_line("tea", title="A book about tea")])
            feed.write_events([event_line("1", user_id="ada", item_id="tea", event_time=NOON_MS)])
            until(lambda: applied() == 1, "the first event")
            assert "TaskManagers: 1, free slots: 0" in terminal.run("cluster", "status")
            page = terminal.run("doctor", *settings)
            assert "runs, without a restart" in page
            assert "0 free slots; the job has its slots" in page
            assert "the newest completed one is" in page
            assert_healthy_while_it_runs(terminal, data / "streams")
            stopped = terminal.run("stop", "--savepoints", str(data / "savepoints"))
            (savepoint,) = shlex.split(stopped.partition("--from-savepoint ")[2].partition("`")[0])
            assert "critical  no job of space" in terminal.run("health", code=2)
            # Flink shows the details of a job some seconds late.
            until(lambda: "is finished" in terminal.run("doctor", *settings), "the end of the job")
            terminal.run(
                "submit", *settings, "--set=interest.slow_delay_s=1", "--from-savepoint", savepoint
            )
            feed.write_events(
                [
                    event_line("1", user_id="ada", item_id="tea", event_time=NOON_MS),
                    event_line("2", user_id="ada", item_id="tea", event_time=NOON_MS + 1),
                ]
            )
            until(lambda: applied() == 2, "the event after the savepoint")
            assert read_progress(db, space_id)["events"].duplicates == 1
            left = kill_task_manager(cluster.pid)
            feed.write_events(
                [event_line("3", user_id="ada", item_id="tea", event_time=NOON_MS + 2)]
            )
            until(lambda: applied() == 3, "the event after the kill")
            until(
                lambda: not [process for process in left if process.is_running()],
                "an end of what the killed TaskManager had started",
                timeout_s=20,
            )
        refused = terminal.run("submit", "--set", "encoder.bundle=/nowhere", code=2)
        assert "slots" in refused or "/nowhere" in refused
        secret = str(psycopg.conninfo.conninfo_to_dict(dsn)["password"])
        logs = (tmp_path / ".interestream").rglob("*")
        assert not [log for log in logs if log.is_file() and secret in log.read_text("latin-1")]
    finally:
        terminal.run("cluster", "stop")
    assert find_cluster(tmp_path / ".interestream" / "cluster") is None
    assert not [process for process in processes if process.is_running()]


def test_an_address_that_nothing_answers_at_is_named(tmp_path: Path, dsn: str) -> None:
    terminal = Terminal(tmp_path, dsn)
    assert "127.0.0.1:1" in terminal.run("submit", "--jobmanager", "127.0.0.1:1", code=2)
    assert "HOST:PORT" in terminal.run("submit", "--jobmanager", "flink", code=2)
    assert "KEY=VALUE" in terminal.run("submit", "--flink", "foo", code=2)
