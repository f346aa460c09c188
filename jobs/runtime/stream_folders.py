"""Says why the job cannot read a folder of its streams, which Flink itself tells nobody.

A source whose folder is gone or closed goes on looking, and its job stays RUNNING without an error.
"""

import os
from enum import Enum
from pathlib import Path


class FolderFault(Enum):
    """Why a folder of a stream cannot be read."""

    GONE = "is gone"
    CLOSED = "may not be read by anyone but root"
    NOT_FOR_US = "may not be read by this user"


SILENCE = "Flink reports no error, and reads nothing from it"


def folder_fault(folder: Path) -> FolderFault | None:
    """Return what is wrong with a folder that was there before; None if it can be read.

    Root may read everything, and the job seldom runs as root.
    """
    try:
        mode = folder.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return FolderFault.GONE
    except PermissionError:
        return FolderFault.NOT_FOR_US
    if not os.access(folder, os.R_OK | os.X_OK):
        return FolderFault.NOT_FOR_US
    # To read a folder of files, the same one needs both rights.
    readable = any(mode >> shift & 0o5 == 0o5 for shift in (0, 3, 6))
    return None if readable else FolderFault.CLOSED
