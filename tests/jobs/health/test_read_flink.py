"""What is read of a job, by the answers of a JobManager."""

from collections.abc import Iterator

import pytest

from jobs.errors import InterestreamError
from jobs.health.read_flink import read_job
from jobs.runtime.find_flink import find_flink, flink_at
from jobs.runtime.kept_cluster import STATE_FILE
from tests.fakes.job_manager import JOB, NOW_MS, JobManager, job_manager

HOUR_MS = 3_600_000


@pytest.fixture
def flink() -> Iterator[JobManager]:
    with job_manager() as fake:
        yield fake


def test_only_failures_of_the_last_hour_count(flink):
    flink.add_job(
        "RUNNING",
        restarts=3,
        trace="x.Y: boom",
        failed_ms=(NOW_MS - 1, NOW_MS - HOUR_MS + 1, NOW_MS - HOUR_MS),
    )
    job = read_job(flink_at(flink.address), 1)
    assert (job.runs, job.restarts, job.recent_failures, job.cause) == (True, 3, 2, "x.Y: boom")
    # Without a completed checkpoint its age is that of the job.
    assert (job.has_checkpoint, job.checkpoint_age_s) == (False, 7_200.0)


def test_the_age_of_a_checkpoint_is_by_the_clock_of_the_jobmanager(flink):
    flink.add_job("RUNNING")
    flink.answers[f"/jobs/{JOB}/checkpoints"] = {
        "latest": {"completed": {"latest_ack_timestamp": NOW_MS - 9_000}},
        "history": [
            {"status": "IN_PROGRESS"},
            {"status": "FAILED", "failure_message": "no\nroom"},
            {"status": "COMPLETED"},
            {"status": "FAILED", "failure_message": "older"},
        ],
    }
    job = read_job(flink_at(flink.address), 1)
    assert (job.has_checkpoint, job.checkpoint_age_s, job.failed_checkpoints) == (True, 9.0, 1)
    assert job.checkpoint_failure == "no room"


def test_a_job_that_restarts_does_not_run(flink):
    flink.add_job("RESTARTING", task="CANCELED", restarts=1, trace="x.Y: boom")
    job = read_job(flink_at(flink.address), None)
    assert (job.runs, job.state) == (False, "RESTARTING")


def test_a_job_of_another_space_is_not_taken_for_the_one_asked_for(flink):
    flink.add_job("RUNNING", space=12)
    with pytest.raises(
        InterestreamError, match=r"^no job of space 1 runs at http://127.0.0.1:\d+$"
    ):
        read_job(flink_at(flink.address), 1)
    assert read_job(flink_at(flink.address), None).job_id == JOB


def test_a_job_that_has_ended_is_named_with_its_state(flink):
    flink.add_job("FAILED")
    with pytest.raises(InterestreamError, match=f"the newest, {JOB}, is failed"):
        read_job(flink_at(flink.address), 1)


def test_where_no_cluster_was_started_there_is_none(tmp_path, flink):
    assert find_flink("", tmp_path) is None
    found = find_flink(flink.address, tmp_path)
    assert found is not None
    assert found.address == flink.address


def test_a_state_file_that_cannot_be_read_is_that_of_a_dead_cluster(tmp_path):
    (tmp_path / STATE_FILE).write_text("{")
    with pytest.raises(InterestreamError, match="has died"):
        find_flink("", tmp_path)
