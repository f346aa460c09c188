"""The newest checkpoint or savepoint is found, and an unfinished one is not taken."""

import os
from pathlib import Path

from jobs.runtime.newest_state import newest_state


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
