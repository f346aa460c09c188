"""What a restore cannot go back behind, by the folder of the checkpoints."""

from pathlib import Path

import pytest

from jobs.checkpoints.completed import CheckpointCoverage, completed_checkpoints


class Checkpoints:
    """A folder as Flink fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.coverage = CheckpointCoverage(folder)

    def begin(self, number: int) -> None:
        (self.folder / f"chk-{number}").mkdir(parents=True)

    def complete(self, number: int) -> None:
        (self.folder / f"chk-{number}" / "_metadata").touch()

    def remove(self, number: int) -> None:
        (self.folder / f"chk-{number}" / "_metadata").unlink(missing_ok=True)
        (self.folder / f"chk-{number}").rmdir()

    def covers(self, mark: int) -> bool:
        self.coverage.look()
        return self.coverage.covers(mark)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "job")


def test_nothing_is_covered_before_the_first_checkpoint(checkpoints: Checkpoints) -> None:
    assert not checkpoints.covers(0)
    checkpoints.begin(1)
    assert not checkpoints.covers(0)


def test_the_first_checkpoint_counts_when_the_next_one_begins(checkpoints: Checkpoints) -> None:
    checkpoints.begin(1)
    checkpoints.complete(1)
    # Its metadata is written a moment before it counts.
    assert not checkpoints.covers(0)
    checkpoints.begin(2)
    assert checkpoints.covers(0)


def test_a_checkpoint_that_had_begun_covers_nothing_that_was_done_then(
    checkpoints: Checkpoints,
) -> None:
    checkpoints.begin(1)
    checkpoints.complete(1)
    checkpoints.begin(2)
    checkpoints.coverage.look()
    mark = checkpoints.coverage.mark
    assert mark == 2
    checkpoints.complete(2)
    checkpoints.remove(1)
    assert not checkpoints.covers(mark)
    checkpoints.begin(3)
    checkpoints.complete(3)
    # The job may still start again from the second.
    assert not checkpoints.covers(mark)
    checkpoints.remove(2)
    assert checkpoints.covers(mark)


def test_a_checkpoint_that_failed_covers_nothing(checkpoints: Checkpoints) -> None:
    checkpoints.begin(1)
    checkpoints.complete(1)
    checkpoints.begin(2)
    checkpoints.coverage.look()
    checkpoints.remove(2)
    checkpoints.begin(3)
    assert checkpoints.coverage.mark == 2
    assert not checkpoints.covers(2)
    checkpoints.complete(3)
    checkpoints.remove(1)
    assert checkpoints.covers(2)


def test_other_folders_are_no_checkpoints(tmp_path: Path) -> None:
    for name in ("chk-1", "chk-x", "shared", "chk-2"):
        (tmp_path / name).mkdir()
    (tmp_path / "chk-2" / "_metadata").touch()
    assert list(completed_checkpoints(tmp_path)) == [2]
