"""A job on Flink's in-process cluster that can go on no more is told."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.errors import JobFailedError
from jobs.runtime import in_process
from jobs.runtime.find_flink import flink_at
from jobs.runtime.in_process import InProcessJob
from tests.fakes.job_manager import JOB, JobManager, job_manager

TRACE = "java.nio.channels.ClosedChannelException\n\tat a.b.C"


@pytest.fixture
def flink() -> Iterator[JobManager]:
    with job_manager() as fake:
        yield fake


@pytest.fixture
def job(flink: JobManager, tmp_path: Path) -> Iterator[InProcessJob]:
    """A job whose process runs, and whose JobManager is `flink`."""
    job = InProcessJob([], "", tmp_path)
    job.rest = flink_at(flink.address)
    job._job_id = JOB
    job._process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    yield job
    job.stop()


def test_a_lost_task_manager_is_told_with_the_cause(flink, job, monkeypatch):
    flink.add_job("RUNNING", trace=TRACE)
    flink.answers["/taskmanagers"] = {"taskmanagers": []}
    job.check()  # it may only be starting
    monkeypatch.setattr(in_process, "LOST_S", 0.0)
    with pytest.raises(JobFailedError, match=r"lost its TaskManager.*ClosedChannelException"):
        job.check()


def test_a_job_that_restarted_and_has_its_task_manager_runs(flink, job, monkeypatch):
    flink.add_job("RUNNING", trace=TRACE)
    monkeypatch.setattr(in_process, "LOST_S", 0.0)
    job.check()
