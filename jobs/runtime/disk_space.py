"""Room on the disk, looked for before anything is started."""

import shutil
from pathlib import Path

from jobs.errors import DiskSpaceError

NEEDED_BYTES = 1_000_000_000
"""Postgres' log of changes, checkpoints and streams of a small data set."""


def check_disk_space(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Raise DiskSpaceError when the disk of `folder`, which need not exist yet, is too full."""
    existing = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes:
        raise DiskSpaceError(
            f"the disk of {folder} has {free_bytes / 1e9:.2f} GB left, {needed_bytes / 1e9:.2f} GB"
            " are needed: make room, or work in another folder"
        )
