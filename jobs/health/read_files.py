"""Reads how old the files of the streams are."""

import contextlib
import os
import time
from pathlib import Path

from jobs.health.reading import STREAMS
from jobs.runtime.stream_folders import FolderFault, folder_fault


def read_file_ages_s(root: Path) -> dict[str, tuple[float, ...]] | None:
    """Return the ages of the files of each stream; None where the folder cannot be read.

    Ages are compared with the age of the last commit, so the clocks of this machine and of Postgres
    may differ. Read them after the commits: a file then never looks newer than it is.
    """
    try:
        # A folder without any stream is another one: that no file waits there says nothing.
        if not any((root / name).is_dir() for name in STREAMS):
            return None
        return {name: _ages_s(root / name) for name in STREAMS}
    except PermissionError:
        return None


def read_folder_faults(root: Path) -> dict[str, FolderFault]:
    """Return what is wrong with the folders of streams under `root`, by stream."""
    return {name: fault for name in STREAMS if (fault := folder_fault(root / name)) is not None}


def _ages_s(folder: Path) -> tuple[float, ...]:
    """Ages of the files that the job sees; an empty one brings nothing to commit."""
    ages = []
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    with entries:
        for entry in entries:
            # A folder that is being rotated loses files on the way.
            with contextlib.suppress(FileNotFoundError):
                if entry.name.startswith((".", "_")) or not entry.is_file():
                    continue
                found = entry.stat()
                if found.st_size:
                    ages.append(time.time() - found.st_mtime)
    return tuple(ages)
