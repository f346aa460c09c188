"""What the job goes on from, as it looks when it is run: at its start, or when a standby leads."""

from pathlib import Path

import pytest

from jobs.config import Config, load_config
from jobs.errors import StandbyEndsError
from jobs.interest_job import main, newest_state_now
from jobs.runtime.flink_path import flink_path
from jobs.runtime.newest_state import mark_space


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "check points"


@pytest.fixture
def config(folder: Path) -> Config:
    return load_config(None, [f"checkpoints.directory={folder}"])


def state(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(parents=True)
    (made / "_metadata").write_bytes(b"")
    return made


def stopped(folder: Path) -> Path:
    """The savepoint of `interestream stop`."""
    made = state(folder, "savepoint-1")
    mark_space(made, "interestream space 1")
    return made


def test_without_a_state_it_begins_anew(config):
    assert newest_state_now(config, "") is None


def test_it_goes_on_from_what_is_the_newest_by_now(config, folder):
    known = state(folder, "job/chk-1")
    newer = state(folder, "job/chk-2")
    assert newest_state_now(config, flink_path(known)) == flink_path(newer)


def test_it_goes_on_from_the_savepoint_of_a_stop_that_was_there_at_its_start(config, folder):
    savepoint = stopped(folder)
    assert newest_state_now(config, flink_path(savepoint)) == flink_path(savepoint)


def test_a_standby_ends_with_the_job_that_was_stopped_meanwhile(config, folder, capsys):
    known = state(folder, "job/chk-1")
    savepoint = stopped(folder)
    with pytest.raises(StandbyEndsError, match="this standby ends as well"):
        newest_state_now(config, flink_path(known))
    arguments = [f"--resume={flink_path(known)}", f"--set=checkpoints.directory={folder}"]
    assert main(arguments) == 0
    assert str(savepoint) in capsys.readouterr().out


def test_a_savepoint_of_somebody_else_stops_no_standby(config, folder):
    savepoint = state(folder, "savepoint-2")
    assert newest_state_now(config, "") == flink_path(savepoint)
