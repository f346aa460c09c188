"""Removes the checkpoints that ended jobs have left, but none that a start may need."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

from jobs.maintenance.disk import newest_change_s, size_bytes
from jobs.maintenance.outcome import Removed
from jobs.runtime.newest_state import COMPLETE, newest_states

_JOB = re.compile(r"[0-9a-f]{32}")
"""How Flink names the folder of a job's checkpoints."""


def remove_ended_checkpoints(
    folder: Path, before_s: float, alive: Collection[str] = (), *, dry_run: bool = False
) -> Removed:
    """Remove the folders of jobs below `folder` in which nothing has changed since `before_s`.

    A job that runs completes a checkpoint every few seconds; `alive` are ids of jobs that have not
    ended, as far as somebody knows. These stay besides: the newest state of each space, with which
    `--resume` goes on; the folder of a job whose files the metadata of another checkpoint or
    savepoint names; savepoints, which people make. Raises OSError where a folder cannot be read or
    removed. A missing folder holds nothing.
    """
    if not folder.is_dir():
        return Removed(0, "folders", freed_bytes=0)
    jobs = [path for path in folder.iterdir() if path.is_dir() and _JOB.fullmatch(path.name)]
    newest = newest_states(folder)
    old = {
        job
        for job in jobs
        if job.name not in alive
        and newest_change_s(job) < before_s
        and not any(job in state.parents for state in newest)
    }
    # A job that began from another one's incremental checkpoint may name its files; so may one that
    # it began from, and so on.
    while needed := _named_by_kept(folder, old):
        old -= needed
    freed = 0
    for job in sorted(old):
        freed += size_bytes(job)
        if not dry_run:
            _remove(job)
    return Removed(len(old), "folders", tuple(str(job) for job in sorted(old)), freed)


def _named_by_kept(folder: Path, old: set[Path]) -> set[Path]:
    needed: set[Path] = set()
    for file in folder.rglob(COMPLETE):
        if any(job in file.parents for job in old):
            continue
        content = file.read_bytes()
        needed |= {job for job in old if job.name.encode() in content}
    return needed


def _remove(job: Path) -> None:
    # First what makes a checkpoint one: half a folder must not look like a state to start from.
    for file in job.rglob(COMPLETE):
        file.unlink(missing_ok=True)
    shutil.rmtree(job)
