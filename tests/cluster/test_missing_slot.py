"""A TaskManager that stays away: the job waits for it, however long, and goes on."""

import time
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

OLD_LIMIT = 2
AWAY_S = 15.0
"""Restarts at intervals of a second would use up OLD_LIMIT long before."""
FLINKS_PATIENCE_S = 30.0
"""Flink's own JobManager refuses a job without slots at once when it has run for so long."""
REFUSING = {"resourcemanager.standalone.start-up-time": "1 s"}
"""A JobManager of somebody else, without the project's options."""


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(1800)  # on a machine with much else to do
@pytest.mark.parametrize("refusing", [False, True], ids=["waiting", "refusing"])
def test_a_job_outlasts_a_missing_slot_and_small_failures_are_forgotten(
    refusing: bool, dsn: str, bundle_dir: Path, tmp_path: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    feed = DirectoryFeed(tmp_path / "streams")
    limit = [] if refusing else [f"checkpoints.max_restarts={OLD_LIMIT}"]
    arguments = job_arguments(bundle_dir, tmp_path, ["checkpoints.interval_ms=1000", *limit])
    arguments.append("--flink=restart-strategy.exponential-delay.reset-backoff-threshold=1 s")
    options = {"slot.request.timeout": f"{FLINKS_PATIENCE_S:.0f} s"}
    began = time.monotonic()
    with (
        LocalCluster(
            tmp_path / "cluster", dsn, options={**options, **(REFUSING if refusing else {})}
        ) as cluster,
        psycopg.connect(dsn, autocommit=True) as db,
    ):

        def applied() -> int:
            return read_progress(db, space_id)["events"].applied

        def restarts() -> int:
            status = cluster.rest.status(job_id)
            assert status is not None
            assert status.state != "FAILED"
            return status.restarts

        def go_on_with(number: int) -> None:
            event = event_line(str(number), user_id="ada", item_id="tea", event_time=NOON_MS)
            feed.write_events([event])
            until(lambda: applied() == number, f"event {number}; {cluster.rest.status(job_id)}")

        job_id = cluster.submit(arguments)
        cluster.wait_running(job_id)
        feed.write_items([item_line("tea", title="A book about tea")])
        go_on_with(1)
        time.sleep(max(0.0, began + FLINKS_PATIENCE_S + 5.0 - time.monotonic()))
        cluster.kill_task_manager()
        ends = time.monotonic() + AWAY_S
        while time.monotonic() < ends:
            restarts()
            time.sleep(0.2)
        if refusing:
            until(lambda: restarts() > OLD_LIMIT, "restarts without a slot")
        else:
            assert restarts() <= OLD_LIMIT
        cluster.start_task_manager()
        go_on_with(2)
        if refusing:
            return
        for number in range(3, 4 + OLD_LIMIT):
            cluster.kill_task_manager()
            cluster.start_task_manager()
            go_on_with(number)
            until(lambda: cluster.rest.running(job_id), "every task")
            time.sleep(2.0)  # without a failure
        assert restarts() > OLD_LIMIT
