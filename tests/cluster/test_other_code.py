"""The package is replaced while a TaskManager that has loaded it is kept for the next job."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.sinks.read_progress import read_progress
from jobs.spaces.build import build_space
from tests.builders import NOON_MS, event_line, item_line
from tests.cluster.terminal import until

ROOT = Path(__file__).parents[2]


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
def test_a_task_manager_with_old_code_ends_itself_instead_of_running_it(
    dsn: str, bundle_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    for package in ("jobs", "udfs", "sql", "interestream"):
        shutil.copytree(ROOT / package, installed / package)
    monkeypatch.setenv("PYTHONPATH", str(installed))
    monkeypatch.chdir(tmp_path)  # Python would find the checkout in the working folder first
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    feed = DirectoryFeed(tmp_path / "streams")
    arguments = job_arguments(bundle_dir, tmp_path)
    log = tmp_path / "cluster" / "log" / "taskmanager-0.out"
    with (
        LocalCluster(tmp_path / "cluster", dsn) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):

        def applied() -> int:
            return read_progress(db, space_id)["events"].applied

        def feed_event(number: int) -> None:
            event = event_line(str(number), user_id="ada", item_id="tea", event_time=NOON_MS)
            feed.write_events([event])

        job_id = cluster.submit(arguments)
        cluster.wait_running(job_id)
        feed.write_items([item_line("tea", title="A book about tea")])
        feed_event(1)
        until(lambda: applied() == 1, "the first event")
        savepoint = cluster.stop(job_id, tmp_path / "savepoints")
        # The same code: the TaskManager that is used takes the next job.
        job_id = cluster.submit(arguments, savepoint)
        cluster.wait_running(job_id)
        feed_event(2)
        until(lambda: applied() == 2, "the event of the second job")
        savepoint = cluster.stop(job_id, tmp_path / "savepoints")
        cluster.replace_ended()
        assert not (tmp_path / "cluster" / "log" / "taskmanager-1.out").exists()

        with (installed / "jobs" / "pipeline.py").open("a") as module:
            module.write("\n# Another version.\n")
        job_id = cluster.submit(arguments, savepoint)
        feed_event(3)

        def replaced() -> bool:
            cluster.replace_ended()
            return applied() == 3

        until(replaced, f"the event of the new version; {cluster.rest.status(job_id)}")
    assert "another version was installed meanwhile" in log.read_text(errors="replace")
    assert os.listdir(tmp_path / "cluster" / "log").count("taskmanager-1.out") == 1
