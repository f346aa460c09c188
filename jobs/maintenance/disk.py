"""Ages and sizes of folders."""

from collections.abc import Iterator
from pathlib import Path


def newest_change_s(folder: Path) -> float:
    """When something in a folder, at any depth, last changed, in seconds since the epoch."""
    return max(_stats(folder, "st_mtime"), default=0.0)


def size_bytes(folder: Path) -> int:
    """The bytes of all files in a folder, at any depth."""
    return sum(int(size) for size in _stats(folder, "st_size", files_only=True))


def _stats(folder: Path, field: str, *, files_only: bool = False) -> Iterator[float]:
    for path in (folder, *folder.rglob("*")):
        try:
            if not files_only or path.is_file():
                yield getattr(path.lstat(), field)
        except FileNotFoundError:  # Flink has removed it meanwhile.
            continue
