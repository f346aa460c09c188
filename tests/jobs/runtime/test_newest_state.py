"""The newest checkpoint or savepoint is found, and an unfinished one is not taken."""

import os
from pathlib import Path

from jobs.runtime.newest_state import mark_space, newest_state


def state(folder: Path, at_s: int, *, complete: bool = True) -> Path:
    folder.mkdir(parents=True)
    (folder / "data").touch()
    if complete:
        (folder / "_metadata").touch()
        os.utime(folder / "_metadata", (at_s, at_s))
    return folder


def test_the_newest_of_all_starts_is_found(tmp_path):
    state(tmp_path / "first-job" / "chk-90", 100)
    newest = state(tmp_path / "second-job" / "chk-3", 200)
    assert newest_state(tmp_path) == newest


def test_a_savepoint_counts_as_well(tmp_path):
    state(tmp_path / "job" / "chk-4", 100)
    savepoint = state(tmp_path / "savepoint-1", 200)
    assert newest_state(tmp_path) == savepoint


def test_an_unfinished_checkpoint_is_left_alone(tmp_path):
    complete = state(tmp_path / "job" / "chk-4", 100)
    state(tmp_path / "job" / "chk-5", 200, complete=False)
    assert newest_state(tmp_path) == complete


def test_there_may_be_none(tmp_path):
    assert newest_state(tmp_path) is None
    assert newest_state(tmp_path / "absent") is None


def test_a_state_of_another_space_is_left_out(tmp_path):
    own = state(tmp_path / "first-job" / "chk-90", 100)
    mark_space(tmp_path / "first-job", "interestream space 1")
    other = state(tmp_path / "second-job" / "chk-3", 200)
    mark_space(tmp_path / "second-job", "interestream space 2")
    savepoint = state(tmp_path / "savepoint-1", 300)
    mark_space(savepoint, "interestream space 2")
    assert newest_state(tmp_path, 1) == own
    assert newest_state(tmp_path, 2) == savepoint
    assert newest_state(tmp_path, 3) is None
    assert newest_state(tmp_path) == savepoint
    assert newest_state(other, 2) == other


def test_a_state_without_a_mark_may_be_of_any_space(tmp_path):
    unmarked = state(tmp_path / "job" / "chk-4", 100)
    assert newest_state(tmp_path, 7) == unmarked


def test_a_folder_of_another_machine_gets_no_mark(tmp_path):
    mark_space(tmp_path / "elsewhere" / "job", "interestream space 1")
    mark_space(tmp_path / "job", "somebody else's")
    assert list(tmp_path.iterdir()) == []
