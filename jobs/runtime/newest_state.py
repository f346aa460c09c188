"""Finds the newest state of a job: a checkpoint that Flink kept, or a savepoint."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from jobs.runtime.find_flink import space_of

COMPLETE = "_metadata"
"""The file that Flink writes last into the folder of a checkpoint or savepoint."""
_SPACE = "interestream-space"
"""The file that names the space of a job, in the folder of its checkpoints or in a savepoint."""


def newest_state(folder: Path, space_id: int | None = None) -> Path | None:
    """Return the newest complete checkpoint or savepoint at any depth below `folder`.

    With `space_id` those are left out that `mark_space` gave to another space. None where there is
    none, or no such folder.
    """
    found = [
        (file.stat().st_mtime_ns, file.parent)
        for file in folder.rglob(COMPLETE)
        if space_id is None or _space_of(file.parent, folder) in {None, space_id}
    ]
    return max(found)[1] if found else None


def newest_states(folder: Path) -> set[Path]:
    """Return the newest complete state of each space at any depth below `folder`.

    States that `mark_space` gave to no space count as those of one more.
    """
    found: dict[int | None, tuple[int, Path]] = {}
    for file in folder.rglob(COMPLETE):
        space_id = _space_of(file.parent, folder)
        state = (file.stat().st_mtime_ns, file.parent)
        found[space_id] = max(found.get(space_id, state), state)
    return {state for _, state in found.values()}


def mark_space(folder: Path, job_name: str) -> None:
    """Note in `folder`, a job's folder of checkpoints or a savepoint, which space the job fills.

    Does nothing for a job of somebody else's, and where the folder above is not there, which is
    then one of another machine.
    """
    space_id = space_of(job_name)
    if space_id is not None and folder.parent.is_dir():
        with contextlib.suppress(OSError):
            folder.mkdir(exist_ok=True)
            (folder / _SPACE).write_text(str(space_id))


def is_of_stop(state: Path) -> bool:
    """Return whether `interestream stop` has made the state, which marks its savepoint alone."""
    return (state / _SPACE).is_file()


def _space_of(state: Path, top: Path) -> int | None:
    """The space that the state, or a folder between it and `top`, is marked with."""
    for folder in _upwards(state, top):
        with contextlib.suppress(OSError, ValueError):
            return int((folder / _SPACE).read_text())
    return None


def _upwards(state: Path, top: Path) -> Iterator[Path]:
    yield state
    yield from (folder for folder in state.parents if folder.is_relative_to(top))
