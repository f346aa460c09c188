"""Files of a stream's folder, each of which appears whole."""

import contextlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

MAX_LINE_BYTES = 1_000_000
"""Longest line that is written whole: the job keeps only the beginning of a longer one."""


class StreamFiles:
    """Publishes files in one folder; each appears in one step, under a name that never returns.

    A file is written under a name that begins with a dot, which the job ignores, and is then
    renamed. The source remembers the names that it has read, so a name that came a second time
    would be ignored: names begin with the time at which this object was made, in UTC, and end with
    a count. Several writers may share a folder. With `durable` a published file outlives a crash of
    the machine.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._durable = durable
        made = datetime.now(UTC)
        self._series = f"{made:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"
        self._count = 0

    def publish(self, content: bytes) -> Path:
        """Write a file of whole lines; raises OSError, and leaves nothing then."""
        self._count += 1
        name = f"{self._series}-{self._count:09d}.ndjson"
        hidden = self.folder / f".{name}"
        try:
            with hidden.open("wb") as file:
                file.write(content)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            published = hidden.rename(self.folder / name)
            if self._durable:
                self._sync_folder()
            return published
        except BaseException:
            with contextlib.suppress(OSError):
                hidden.unlink(missing_ok=True)
            raise

    def _sync_folder(self) -> None:
        """Write the folder's list of names to the disk."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def probe(self) -> None:
        """Raise OSError when no file can be made in the folder."""
        hidden = self.folder / f".{self._series}"
        os.close(os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        hidden.unlink()


def cut(line: bytes, longest: int = MAX_LINE_BYTES) -> bytes:
    """The line, or so much of its beginning that it is one byte longer than `longest`.

    That is a dead letter, `too_large`, for a job that accepts no longer lines than `longest`.

    >>> cut(b"12345", longest=3)
    b'1234'
    """
    return line if len(line) <= longest else line[: longest + 1]
