"""A job of an in-process cluster that has lost its slots is not taken for one that runs."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.errors import JobFailedError
from jobs.runtime.find_flink import flink_at
from jobs.runtime.in_process import InProcessJob
from jobs.runtime.slot_watch import SlotWatch
from tests.fakes.job_manager import JOB, NOW_MS, JobManager, job_manager

NO_TASK_MANAGER: dict[str, Any] = {"taskmanagers": []}
TAKEN = {"taskmanagers": [{"id": "worker-0", "slotsNumber": 1, "freeSlots": 0}]}
FREE = {"taskmanagers": [{"id": "worker-0", "slotsNumber": 1, "freeSlots": 1}]}


@pytest.fixture
def flink() -> Iterator[JobManager]:
    with job_manager() as fake:
        yield fake


@pytest.mark.parametrize("without", [NO_TASK_MANAGER, FREE])
def test_a_running_job_without_a_slot_is_lost_when_the_patience_is_over(flink, without):
    rest, watch = flink_at(flink.address), SlotWatch(patience_s=0.0)
    flink.answers["/taskmanagers"] = TAKEN
    assert not watch.lost(rest, "RUNNING")
    flink.answers["/taskmanagers"] = without
    assert watch.lost(rest, "RUNNING")
    assert not watch.lost(rest, "RESTARTING")
    patient = SlotWatch(patience_s=60.0)
    assert not patient.lost(rest, "RUNNING")
    assert not patient.lost(rest, "RUNNING")


def test_a_jobmanager_that_does_not_answer_says_nothing_about_slots(flink):
    del flink.answers["/taskmanagers"]
    assert not SlotWatch(patience_s=0.0).lost(flink_at(flink.address), "RUNNING")


def test_a_job_in_process_ends_with_the_first_cause_when_its_taskexecutor_has_ended(
    flink, tmp_path, monkeypatch
):
    flink.add_job("RUNNING", task="SCHEDULED", restarts=1)
    flink.answers["/taskmanagers"] = NO_TASK_MANAGER
    flink.answers[f"/jobs/{JOB}/exceptions"] = {
        "exceptionHistory": {
            "entries": [
                {"timestamp": NOW_MS, "stacktrace": "a.B: The TaskExecutor is shutting down."},
                {"timestamp": NOW_MS - 9, "stacktrace": "a.B: x\nCaused by: no bundle at /b"},
            ]
        }
    }
    monkeypatch.setattr("jobs.runtime.slot_watch.PATIENCE_S", 0.0)
    job = InProcessJob([], "", tmp_path)
    job.rest = flink_at(flink.address)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        monkeypatch.setattr(job, "_process", process)
        monkeypatch.setattr(job, "_job_id", JOB)
        with pytest.raises(JobFailedError) as failed:
            job.check()
        process.communicate(b"\n")
    assert str(failed.value).startswith(
        "the Flink job has no slot any more, since its TaskExecutor has ended: no bundle at /b;"
        " then a.B: The TaskExecutor is shutting down.\n"
    )
