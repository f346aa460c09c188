"""Faults that Flink tells nobody, or without their cause: `health` and `doctor` do."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.datasets.feed import DirectoryFeed
from jobs.doctor.run import examine
from jobs.health.verdict import State, Thresholds, Verdict
from jobs.health.watch import Watched, watch
from jobs.local.stack import job_arguments
from jobs.runtime.local_cluster import LocalCluster
from jobs.spaces.build import build_space
from tests.builders import event_line
from tests.cluster.recomputed import wait_committed

OPTIONS = {"heartbeat.timeout": "60000"}


def until(condition: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


@pytest.mark.cluster
@pytest.mark.long
@pytest.mark.timeout(600)  # on a machine with much else to do
def test_a_full_disk_of_checkpoints_and_a_folder_that_is_gone_are_told(
    dsn: str, bundle_dir: Path, tmp_path: Path, small_disk: Path
) -> None:
    space_id = build_space(dsn, bundle_dir, ["A book about tea", "A book about chess"], sample=2)
    feed = DirectoryFeed(tmp_path / "streams")
    overrides = [
        f"checkpoints.directory={small_disk / 'checkpoints'}",
        "checkpoints.interval_ms=1000",
        "checkpoints.max_failures=1000",
    ]
    with LocalCluster(tmp_path / "cluster", dsn, options=OPTIONS) as cluster:
        watched = Watched(
            dsn,
            f"127.0.0.1:{cluster.rest_port}",
            tmp_path,
            tmp_path / "streams",
            True,
            checkpoints=small_disk / "checkpoints",
        )

        def verdict(check: str) -> Verdict | None:
            found = watch(watched, Thresholds())
            return next((each for each in found if each.check == check), None)

        job_id = cluster.submit(job_arguments(bundle_dir, tmp_path, overrides))
        cluster.wait_running(job_id)
        feed.write_events([event_line(1, action="levitate")])
        wait_committed(dsn, space_id, "events", 1)
        until(lambda: bool(cluster.rest.checkpoints(job_id)["counts"]["completed"]), "a checkpoint")

        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(b"x" * 100_000_000)
        until(
            lambda: (
                (found := verdict("failed checkpoints")) is not None
                and found.state is State.CRITICAL
            ),
            "failed checkpoints",
        )
        failed, disk = verdict("failed checkpoints"), verdict("disk")
        # Rows do not wait for checkpoints.
        feed.write_events([event_line(2, action="levitate")])
        wait_committed(dsn, space_id, "events", 2)
        filler.unlink()
        until(
            lambda: (
                (found := verdict("failed checkpoints")) is not None and found.state is State.OK
            ),
            "a checkpoint after the disk has room",
        )

        (tmp_path / "streams" / "events").rename(tmp_path / "aside")
        folder = verdict("folder")
        setting = f"sources.root={tmp_path / 'streams'}"
        findings = examine(None, [setting], dsn, jobmanager=watched.jobmanager, cluster=tmp_path)
        (tmp_path / "aside").rename(tmp_path / "streams" / "events")
        feed.write_events([event_line(3, action="levitate")])
        wait_committed(dsn, space_id, "events", 3)
        gone = verdict("folder")
        status = cluster.rest.status(job_id)
    assert status is not None
    assert status.restarts == 0
    assert failed is not None
    assert "the disk of checkpoints.directory is full" in failed.sentence
    assert disk is not None
    assert f"the disk of {small_disk / 'checkpoints'} has 0.00 GB left" in disk.sentence
    assert folder is not None
    assert folder.state is State.CRITICAL
    assert gone is None
    told = [finding for finding in findings if finding.area == "Streams"]
    assert [finding.level for finding in told] == ["fail"]
    assert "events is gone while a job runs" in told[0].found
