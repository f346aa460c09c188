"""Appends records to a stream's folder."""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from jobs.datasets.stream_files import StreamFiles
from jobs.serve.append.errors import AppendError

log = logging.getLogger(__name__)

_MOST_BYTES = 16_000_000
"""Of one file, unless one request has more."""

_Waiting = tuple[bytes, asyncio.Future[None]]


class FolderAppender:
    """Writes files that are on the disk when `append` returns.

    What comes while a file is written waits, and goes into the next one together: many small
    requests make few files.
    """

    def __init__(self, stream: str, folder: Path, wrap: Callable[[bytes], bytes] = bytes) -> None:
        """`wrap` makes of a record of the contract what the stream holds."""
        self._stream = stream
        self._wrap = wrap
        self._folder = folder
        self._files = StreamFiles(folder, durable=True)
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def append(self, lines: Sequence[bytes]) -> None:
        """Return when the lines are on the disk. Raises AppendError."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((b"\n".join(map(self._wrap, lines)) + b"\n", done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            group = self._next_group()
            problem: AppendError | None = None
            try:
                await asyncio.to_thread(self._files.publish, b"".join(part for part, _ in group))
            except OSError as error:
                log.warning("cannot write to %s: %s", self._folder, error.strerror)
                problem = AppendError(self._sentence(error))
            for _, done in group:
                if done.cancelled():
                    continue
                if problem is None:
                    done.set_result(None)
                else:
                    done.set_exception(problem)
        self._writing = None

    def _next_group(self) -> list[_Waiting]:
        size = count = 0
        for part, _ in self._waiting:
            if count and size + len(part) > _MOST_BYTES:
                break
            size, count = size + len(part), count + 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    def _sentence(self, error: OSError) -> str:
        if isinstance(error, FileNotFoundError):
            return (
                f"there is no folder of {self._stream}: the job makes it when it starts; check"
                " sources.root"
            )
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return f"the folder of {self._stream} cannot be written to ({reason})"
