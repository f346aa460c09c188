"""Finds files that are given twice: as they are, and compressed beside it."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from jobs.datasets.errors import DatasetFileError
from jobs.datasets.reading.plain_bytes import ENDINGS, READ_ERRORS, plain_bytes

_BLOCK = 1 << 20


def refuse_twins(files: Sequence[Path]) -> None:
    """Raise DatasetFileError where two of the files differ by their compression alone.

    Events without ids would count twice. Only files whose names are equal without the ending of
    the compression are opened, and read as far as they are the same.
    """
    seen: dict[Path, list[Path]] = {}
    for file in files:
        name = file.with_suffix("") if file.suffix.lower() in ENDINGS else file
        for other in seen.setdefault(name, []):
            if _are_same(other, file):
                raise DatasetFileError(
                    f"{other.name} and {file.name} hold the same, and would be read twice: remove"
                    " one of them, or give a name that fits one alone"
                )
        seen[name].append(file)


def _are_same(one: Path, other: Path) -> bool:
    try:
        return all(a == b for a, b in zip_longest(_blocks(one), _blocks(other)))
    except READ_ERRORS:
        # Whoever reads it tells what is wrong with it.
        return False


def _blocks(path: Path) -> Iterator[bytes]:
    """The plain bytes in blocks of one size, but for the last; a stream may give less at once."""
    with plain_bytes(path) as stream:
        held = b""
        while found := stream.read(_BLOCK):
            held += found
            while len(held) >= _BLOCK:
                yield held[:_BLOCK]
                held = held[_BLOCK:]
        if held:
            yield held
