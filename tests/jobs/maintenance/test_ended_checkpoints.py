"""Checkpoints of ended jobs go, and none that a start may need. Times are in days."""

import os
from pathlib import Path

import pytest

from jobs.maintenance.ended_checkpoints import remove_ended_checkpoints
from jobs.runtime.newest_state import mark_space

DAY_S = 86_400
FIRST, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32


def state(folder: Path, day: float, content: bytes = b"") -> Path:
    """A complete checkpoint, or savepoint, of a day, with everything above it up to its job."""
    folder.mkdir(parents=True)
    (folder / "part").write_bytes(b"x" * 100)
    (folder / "_metadata").write_bytes(content)
    for path in (folder / "part", folder / "_metadata", folder, folder.parent):
        os.utime(path, (day * DAY_S, day * DAY_S))
    return folder


def job(top: Path, name: str, day: float, content: bytes = b"", *, space: int = 1) -> Path:
    """The folder of a job's checkpoints, whose newest is of a day."""
    folder = state(top / name / "chk-7", day, content).parent
    mark_space(folder, f"interestream space {space}")
    for path in (folder / "interestream-space", folder):
        os.utime(path, (day * DAY_S, day * DAY_S))
    return folder


def test_older_jobs_go_and_the_newest_state_stays_however_old(tmp_path: Path) -> None:
    old = job(tmp_path, FIRST, 10)
    newest = job(tmp_path, SECOND, 20)
    gone = remove_ended_checkpoints(tmp_path, 100 * DAY_S)
    # The marker holds one digit.
    assert (gone.count, gone.names, gone.freed_bytes) == (1, (str(old),), 101)
    assert not old.exists()
    assert (newest / "chk-7" / "_metadata").exists()
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S).count == 0


def test_each_space_keeps_its_newest_state(tmp_path: Path) -> None:
    job(tmp_path, FIRST, 10, space=1)
    job(tmp_path, SECOND, 20, space=2)
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S).count == 0


def test_what_has_changed_since_stays(tmp_path: Path) -> None:
    recent = job(tmp_path, FIRST, 10)
    os.utime(recent, (95 * DAY_S, 95 * DAY_S))  # an attempt at a checkpoint
    job(tmp_path, SECOND, 99)
    assert remove_ended_checkpoints(tmp_path, 90 * DAY_S).count == 0
    assert remove_ended_checkpoints(tmp_path, 96 * DAY_S).count == 1


def test_a_job_that_has_not_ended_stays(tmp_path: Path) -> None:
    job(tmp_path, FIRST, 10)
    job(tmp_path, SECOND, 20)
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S, {FIRST}).count == 0


@pytest.mark.parametrize("chain", [False, True])
def test_files_that_a_kept_checkpoint_names_stay(tmp_path: Path, chain: bool) -> None:
    job(tmp_path, FIRST, 10)
    named = f"\x00file:/data/{FIRST}/shared/1\x00".encode()
    if chain:
        job(tmp_path, SECOND, 20, named)
        job(tmp_path, THIRD, 30, f"/data/{SECOND}/shared/2".encode())
    else:
        job(tmp_path, SECOND, 20, named)
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S).count == 0


def test_savepoints_and_folders_of_other_names_stay(tmp_path: Path) -> None:
    savepoint = state(tmp_path / "savepoint-aaaaaa-bbbbbb", 1)
    other = state(tmp_path / "mine" / "chk-1", 1)
    job(tmp_path, FIRST, 20)
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S).count == 0
    assert savepoint.exists()
    assert other.exists()


def test_a_stopped_job_leaves_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    left = tmp_path / FIRST / "shared"
    left.mkdir(parents=True)
    for path in (left, left.parent):
        os.utime(path, (10 * DAY_S, 10 * DAY_S))
    state(tmp_path / "savepoint-aaaaaa-bbbbbb", 11)
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S).count == 1
    assert not left.parent.exists()


def test_a_dry_run_removes_nothing(tmp_path: Path) -> None:
    old = job(tmp_path, FIRST, 10)
    job(tmp_path, SECOND, 20)
    assert remove_ended_checkpoints(tmp_path, 100 * DAY_S, dry_run=True).names == (str(old),)
    assert old.exists()


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert remove_ended_checkpoints(tmp_path / "absent", 1.0).count == 0
