"""Where lines come from: files, compressed or not, named pipes and the standard input."""

import contextlib
import os
import select
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from jobs.datasets.reading.plain_bytes import READ_ERRORS, is_compressed, plain_bytes
from jobs.feeding.errors import SourceError
from jobs.feeding.stop_signals import StopSignals

STANDARD_INPUT = "standard input"
_BLOCK = 1 << 18


def source_name(path: Path | None) -> str:
    """The name of a source in messages; None is the standard input."""
    return STANDARD_INPUT if path is None else str(path)


def check_readable(paths: Sequence[Path]) -> None:
    """Raise SourceError for a file that is missing or cannot be read, before anything is fed."""
    for path in paths:
        try:
            found = path.stat()
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}; nothing was fed") from error
        if stat.S_ISDIR(found.st_mode):
            raise SourceError(
                f"cannot read {path}: it is a folder; name its files, or replay the folder"
                " (interestream replay); nothing was fed"
            )
        if not os.access(path, os.R_OK):
            raise SourceError(f"cannot read {path}: Permission denied; nothing was fed")


def blocks(
    path: Path | None, stop: StopSignals, wait_s: Callable[[], float | None]
) -> Iterator[bytes]:
    """Blocks of a source as they come, and an empty one when nothing came for `wait_s()` seconds.

    Ends at the end of the source, or when a signal says so. Raises SourceError.
    """
    with contextlib.ExitStack() as resources:
        try:
            descriptor, read = _open(path, resources)
            while True:
                ready, _, _ = select.select([descriptor, stop.descriptor], [], [], wait_s())
                if stop.received is not None:
                    return
                if descriptor not in ready:
                    yield b""
                    continue
                if not (block := read(_BLOCK)):
                    return
                yield block
        except READ_ERRORS as error:
            reason = getattr(error, "strerror", None) or error
            raise SourceError(f"cannot read {source_name(path)}: {reason}") from error


def _open(path: Path | None, resources: contextlib.ExitStack) -> tuple[int, Callable[[int], bytes]]:
    """The descriptor to wait for, and the function that reads at most so many bytes."""
    if path is None:
        return 0, partial(os.read, 0)
    # A named pipe is not looked into: what was read of it would be gone.
    packed = path.is_file() and is_compressed(path)
    descriptor = resources.enter_context(path.open("rb", buffering=0)).fileno()
    if packed:
        # Of a file the descriptor is always ready.
        return descriptor, resources.enter_context(plain_bytes(path)).read1  # type: ignore[attr-defined]
    return descriptor, partial(os.read, descriptor)
