"""Checks before a start that the disk has enough free space."""

import shutil
from pathlib import Path

from jobs.errors import DiskSpaceError

NEEDED_BYTES = 1_000_000_000
"""Enough for Postgres' write-ahead log, checkpoints, and the streams of a small data set."""


def check_disk_space(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Check that the disk of `folder`, which need not exist yet, has `needed_bytes` free.

    Raises DiskSpaceError with both sizes when it does not.
    """
    existing = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes:
        raise DiskSpaceError(
            f"the disk of {folder} has {free_bytes / 1e9:.2f} GB left, {needed_bytes / 1e9:.2f} GB"
            " are needed: free some, or use a folder on another disk"
        )
