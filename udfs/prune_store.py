"""Removes the oldest vectors of a store, so that its file does not grow without end."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from udfs.vector_store import add_day_column

_SLICES = 256
"""Transactions of one clean-up: a writer waits for a 256th of the rows at most."""


@dataclass(frozen=True, slots=True)
class PrunedStore:
    """What a clean-up removed; bytes are those of the removed rows."""

    vectors: int
    bytes: int


def prune_store(file: Path, max_bytes: int, *, dry_run: bool = False) -> PrunedStore:
    """Remove whole days of vectors, the oldest first, until at most `max_bytes` are in use.

    The file stays as large as it is, and what is freed in it is used again: it never grows beyond
    its largest size so far. Processes may read and write it meanwhile; a vector that is gone is
    encoded again when its text comes. A file that is not there has nothing to remove. Raises
    sqlite3.Error where the file is no store.
    """
    if not file.is_file():
        return PrunedStore(0, 0)
    with closing(sqlite3.connect(file, timeout=30.0, isolation_level=None)) as db:
        add_day_column(db)
        too_many = _used_bytes(db) - max_bytes
        if too_many <= 0:
            return PrunedStore(0, 0)
        days = db.execute(
            "SELECT added_day, count(*), sum(length(key) + length(vector)) FROM vectors"
            " GROUP BY added_day ORDER BY added_day"
        ).fetchall()
        # Pages hold more than the rows' own bytes.
        overhead = _used_bytes(db) / max(sum(row[2] for row in days), 1)
        vectors = freed = 0
        last = -1
        for day, count, size in days:
            if freed * overhead >= too_many:
                break
            last, vectors, freed = day, vectors + count, freed + size
        if not dry_run:
            vectors = sum(_remove(db, number, last) for number in range(_SLICES))
        return PrunedStore(vectors, freed)


def _used_bytes(db: sqlite3.Connection) -> int:
    pages, free, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _remove(db: sqlite3.Connection, number: int, last_day: int) -> int:
    """Remove the rows up to a day whose key begins with the byte `number`."""
    begin = bytes([number])
    end = bytes([number + 1]) if number + 1 < _SLICES else None
    found = db.execute(
        "DELETE FROM vectors WHERE key >= ?1 AND (?2 IS NULL OR key < ?2) AND added_day <= ?3",
        (begin, end, last_day),
    )
    return found.rowcount
