"""Finds the newest state of a job: a checkpoint that Flink kept, or a savepoint."""

from pathlib import Path

_COMPLETE = "_metadata"
"""The file that Flink writes last into the folder of a checkpoint or savepoint."""


def newest_state(folder: Path) -> Path | None:
    """Return the newest complete checkpoint or savepoint at any depth below `folder`.

    None where there is none, or no such folder.
    """
    found = [(file.stat().st_mtime_ns, file.parent) for file in folder.rglob(_COMPLETE)]
    return max(found)[1] if found else None
