"""What the job does meanwhile: upserts of windows and relations of other users."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import psycopg

from bench.recommend.catalogue import BLEND, Catalogue
from bench.recommend.database import NOW, item_id
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors

USERS_AT_ONCE = 10
PAUSE_S = 0.2
WRITERS = 500

_WINDOWS = """
INSERT INTO interestream.user_windows
SELECT 1, user_id, kind, embedding, 5, now(), 1, 1
FROM unnest(%s::text[], %s::text[], %s) AS n (user_id, kind, embedding)
ON CONFLICT (space_id, user_id, kind) DO UPDATE SET
    embedding = excluded.embedding, as_of = excluded.as_of
"""
# Older than what counts as popular: the exact answer stays what it is.
_RELATIONS = """
INSERT INTO interestream.user_items
SELECT DISTINCT user_id, item_id, 1, %s, %s, 1, %s, 1
FROM unnest(%s::text[], %s::text[]) AS n (user_id, item_id)
ON CONFLICT (user_id, item_id) DO UPDATE SET actions = user_items.actions | excluded.actions
"""


@contextmanager
def writing(dsn: str, items: Catalogue) -> Iterator["Writer"]:
    """A thread that writes while the block runs; afterwards its rows are gone."""
    writer = Writer(dsn, items)
    clean(dsn)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop.set()
        writer.join()
        clean(dsn)
    if writer.error is not None:
        raise writer.error


def clean(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        for table in ("user_windows", "user_items"):
            db.execute(f"DELETE FROM interestream.{table} WHERE user_id LIKE 'writer-%'".encode())


class Writer(threading.Thread):
    """`rows` counts what was written in `seconds`."""

    def __init__(self, dsn: str, items: Catalogue) -> None:
        super().__init__(name="writer", daemon=True)
        self._dsn = dsn
        self._items = items
        self.stop = threading.Event()
        self.rows = 0
        self.seconds = 0.0
        self.error: Exception | None = None

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    def run(self) -> None:
        try:
            with psycopg.connect(self._dsn, autocommit=True) as db:
                register_halfvectors(db)
                started = time.monotonic()
                while not self.stop.wait(PAUSE_S):
                    self._write(db)
                    self.seconds = time.monotonic() - started
        except Exception as error:
            self.error = error

    def _write(self, db: psycopg.Connection) -> None:
        rng = np.random.default_rng(self.rows)
        users = [f"writer-{n}" for n in rng.choice(WRITERS, USERS_AT_ONCE, replace=False)]
        numbers = rng.integers(0, len(self._items.vectors), len(BLEND) * USERS_AT_ONCE)
        vectors = HalfVectors(self._items.vectors[numbers].astype(np.float16))
        kinds = [kind for kind in BLEND for _ in users]
        at = NOW - timedelta(days=60)
        seen = [item_id(n) for n in numbers[: 2 * USERS_AT_ONCE]]
        with db.transaction():
            db.execute(_WINDOWS, [users * len(BLEND), kinds, vectors])
            db.execute(_RELATIONS, [at, at, at, users * 2, seen])
        self.rows += len(numbers) + len(seen)
