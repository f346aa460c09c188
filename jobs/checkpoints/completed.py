"""Finds the checkpoints of a job on disk, and tells behind what no restore can go back."""

from pathlib import Path


def checkpoint_folders(folder: Path) -> dict[int, Path]:
    """The folders of a job's checkpoints by number, completed or not.

    Flink makes the folder of a checkpoint before the checkpoint begins. Raises OSError.
    """
    return {
        int(each.name.removeprefix("chk-")): each
        for each in folder.glob("chk-*")
        if each.name.removeprefix("chk-").isdecimal()
    }


def completed_checkpoints(folder: Path) -> dict[int, Path]:
    """The folders of a job's completed checkpoints, by number. Raises OSError."""
    return {
        number: each
        for number, each in checkpoint_folders(folder).items()
        if (each / "_metadata").exists()
    }


class CheckpointCoverage:
    """Tells whether what a step did is in every checkpoint from which the job may start again.

    What is done before a look gets the `mark` of that look: the newest checkpoint that had begun.
    Every later checkpoint has it. It is covered when one of these is the oldest that is left.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is that of the job's checkpoints."""
        self._folder = folder
        self._oldest = 0
        self._is_sure = False
        self.mark = 0

    def look(self) -> None:
        """Read the folder again. Raises OSError."""
        begun = checkpoint_folders(self._folder)
        completed = completed_checkpoints(self._folder)
        self.mark = max([self.mark, *begun])
        former, self._oldest = self._oldest, min(completed, default=0)
        # Flink writes a checkpoint's metadata a moment before it counts. It counts for sure when
        # another one gave way to it, or the next one has begun.
        gave_way = 0 < former < self._oldest
        self._is_sure = bool(completed) and (self._is_sure or gave_way or self.mark > self._oldest)

    def covers(self, mark: int) -> bool:
        """Whether what has the mark is covered, as of the last look."""
        return self._is_sure and self._oldest > mark
