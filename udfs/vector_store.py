"""Vectors of texts in a file, so that a bundle encodes each text once."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from udfs.encoder import Encoder, Kind

_KEYS_PER_QUERY = 500
DAY_S = 86_400


def add_day_column(db: sqlite3.Connection) -> None:
    """Add `added_day` (days since 1970; 0 for rows that are there) to a file that lacks it."""
    # Another process may do the same at this moment.
    with contextlib.suppress(sqlite3.OperationalError):
        db.execute("SELECT added_day FROM vectors LIMIT 1")
        return
    with contextlib.suppress(sqlite3.OperationalError):
        db.execute("ALTER TABLE vectors ADD COLUMN added_day INTEGER NOT NULL DEFAULT 0")


class StoredEncoder:
    """An encoder that keeps its vectors in an SQLite file, which several processes may share.

    Keys contain the bundle's hash, so a file may serve several bundles. A text of 384 dimensions
    takes 1.9 kB, a million of them 1.9 GB. `udfs.prune_store` removes the oldest.
    """

    def __init__(self, encoder: Encoder, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self.manifest = encoder.manifest
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, timeout=30.0, check_same_thread=False)
        # Of a new file: on pages of 4 kB each row would take an overflow page of its own.
        self._db.execute("PRAGMA page_size = 16384")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL,"
            " added_day INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        )
        add_day_column(self._db)

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return self._encoder.dim

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return vectors `(len(texts), dim)` float32, see `Encoder.encode`."""
        keys = [self._key(text, kind) for text in texts]
        found = self._read(dict.fromkeys(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            vectors = self._encoder.encode(list(missing.values()), kind)
            new = dict(zip(missing, vectors, strict=True))
            self._write(new)
            found |= new
        if not keys:
            return np.empty((0, self.dim), dtype=np.float32)
        return np.stack([found[key] for key in keys])

    def _key(self, text: str, kind: Kind) -> bytes:
        whole = f"{self.manifest.bundle_sha256}\0{kind}\0{text}"
        return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def _read(self, keys: Iterable[bytes]) -> dict[bytes, NDArray[np.float32]]:
        with self._lock:
            return {key: np.frombuffer(raw, dtype="<f4") for key, raw in self._rows(keys)}

    def _rows(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
        remaining = iter(keys)
        while some := list(islice(remaining, _KEYS_PER_QUERY)):
            marks = ",".join("?" * len(some))
            yield from self._db.execute(
                f"SELECT key, vector FROM vectors WHERE key IN ({marks})",  # noqa: S608
                some,
            )

    def _write(self, vectors: dict[bytes, NDArray[np.float32]]) -> None:
        with self._lock, self._db:
            day = int(time.time() // DAY_S)
            self._db.executemany(
                "INSERT OR IGNORE INTO vectors (key, vector, added_day) VALUES (?, ?, ?)",
                [(key, vector.astype("<f4").tobytes(), day) for key, vector in vectors.items()],
            )
