"""What `--resume` goes on from, and when it refuses to."""

import pytest

from jobs.cli.resume import refuse_second_job, state_to_resume
from jobs.errors import InterestreamError
from jobs.runtime.find_flink import flink_at
from tests.fakes.job_manager import JOB, job_manager


@pytest.mark.parametrize("state", ["RUNNING", "RESTARTING", "CREATED"])
def test_a_job_of_the_space_that_has_not_ended_is_named(state):
    with job_manager() as flink:
        flink.add_job(state)
        with pytest.raises(InterestreamError, match=f"{JOB} of space 1 is {state.lower()}"):
            refuse_second_job(flink_at(flink.address), 1)
        refuse_second_job(flink_at(flink.address), 2)


def test_a_job_that_has_ended_is_no_obstacle():
    with job_manager() as flink:
        flink.add_job("FAILED")
        refuse_second_job(flink_at(flink.address), 1)


def test_a_folder_without_a_state_is_a_new_start(tmp_path, capsys):
    assert state_to_resume(tmp_path, None, 1) is None
    assert "holds no state: a new start" in capsys.readouterr().out


def test_the_state_is_named(tmp_path, capsys):
    state = tmp_path / "job" / "chk-7"
    state.mkdir(parents=True)
    (state / "_metadata").touch()
    assert state_to_resume(tmp_path, None, 1) == f"file://{state}"
    assert f"going on from {state}" in capsys.readouterr().out


def test_it_needs_the_folder_and_no_savepoint(tmp_path):
    with pytest.raises(InterestreamError, match="give one of them"):
        state_to_resume(tmp_path, "file:///s")
    with pytest.raises(InterestreamError, match=r"checkpoints\.directory: set it"):
        state_to_resume(None, None)
