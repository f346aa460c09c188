"""Writes as the job does, in a process of its own: upserts rows of other users, adds items."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import numpy as np
import psycopg

from bench.recommend.catalogue import BLEND, Catalogue
from bench.recommend.database import NOW, item_id
from bench.recommend.titles import Floats
from jobs.errors import InterestreamError
from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors

USERS_AT_ONCE = 10
PAUSE_S = 0.1
NEW_ITEMS_EVERY = 2
"""Number of transactions for each new item, which goes into the vector index."""
WRITTEN_USERS = 500

_WINDOWS = """
INSERT INTO interestream.user_windows
SELECT 1, user_id, kind, embedding, 5, now(), 1, 1
FROM unnest(%s::text[], %s::text[], %s) AS n (user_id, kind, embedding)
ON CONFLICT (space_id, user_id, kind) DO UPDATE SET
    embedding = excluded.embedding, as_of = excluded.as_of
"""
# Older than the week of popularity, so that the exact answers stay the same.
_USER_ITEMS = """
INSERT INTO interestream.user_items
SELECT DISTINCT user_id, item_id, 1, %s, %s, 1, %s, 1
FROM unnest(%s::text[], %s::text[]) AS n (user_id, item_id)
ON CONFLICT (user_id, item_id) DO UPDATE SET actions = user_items.actions | excluded.actions
"""
# Not available, so that the exact answers stay the same.
_ITEM = """
INSERT INTO interestream.items (item_id, title, available, epoch, version)
VALUES (%s, 'New', false, 1, 1) ON CONFLICT (item_id) DO NOTHING
"""
_VECTOR = """
INSERT INTO interestream.item_vectors
SELECT 1, %s, embedding, 1, 1 FROM unnest(%s) AS n (embedding)
ON CONFLICT (space_id, item_id) DO UPDATE SET embedding = excluded.embedding
"""


class WriterError(InterestreamError):
    """The process that writes during the measurement failed."""


class Writing:
    """The rate of the writes, set when the block ends."""

    rows_per_s: float = 0.0


@contextmanager
def writing(dsn: str, items: Catalogue) -> Iterator[Writing]:
    """Write from another process while the block runs, and delete its rows afterwards.

    Raises WriterError when that process fails.
    """
    # A pipe and no Event: when a process dies while it waits for an Event, a later set() blocks
    # forever; a pipe whose other end has died raises.
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    rng = np.random.default_rng(0)
    sample = items.vectors[rng.choice(len(items.vectors), 1_000)]
    names = [item_id(n) for n in rng.choice(len(items.vectors), 5_000)]
    process = spawn.Process(target=_write_until, args=(dsn, sample, names, theirs), daemon=True)
    written = Writing()
    _clean(dsn)
    process.start()
    theirs.close()
    try:
        _receive(ours, process)
        yield written
        with suppress(ConnectionError):
            ours.send("stop")
        written.rows_per_s = _receive(ours, process)
    finally:
        ours.close()
        process.join()
        _clean(dsn)


def _receive(pipe: Connection, process: SpawnProcess) -> float:
    try:
        rows_per_s: float = pipe.recv()
    except (EOFError, ConnectionError):
        process.join()
        raise WriterError(f"the writer ended with code {process.exitcode}") from None
    return rows_per_s


def _clean(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        for table in ("user_windows", "user_items"):
            db.execute(f"DELETE FROM interestream.{table} WHERE user_id LIKE 'writer-%'".encode())
        for table in ("item_vectors", "items"):
            db.execute(f"DELETE FROM interestream.{table} WHERE item_id LIKE 'writer-%'".encode())


def _write_until(dsn: str, sample: Floats, names: list[str], pipe: Connection) -> None:
    """Write until a message arrives on the pipe or its other end is closed.

    Sends the rows per second after the first transaction, and again after the message.
    """
    rng = np.random.default_rng(1)
    rows = transactions = 0
    with psycopg.connect(dsn, autocommit=True) as db, suppress(EOFError, ConnectionError):
        register_halfvectors(db)
        began_s = time.monotonic()
        while not pipe.poll(PAUSE_S if transactions else 0):
            rows += _write(db, sample, names, rng)
            transactions += 1
            if transactions % NEW_ITEMS_EVERY == 0:
                _write_item(db, f"writer-{transactions}", sample, rng)
                rows += 2
            if transactions == 1:
                pipe.send(rows / (time.monotonic() - began_s))
        pipe.recv()
        pipe.send(rows / (time.monotonic() - began_s))


def _write(
    db: psycopg.Connection, sample: Floats, names: list[str], rng: np.random.Generator
) -> int:
    users = [f"writer-{n}" for n in rng.choice(WRITTEN_USERS, USERS_AT_ONCE, replace=False)]
    picked = rng.integers(0, len(sample), len(BLEND) * USERS_AT_ONCE)
    vectors = HalfVectors(sample[picked].astype(np.float16))
    kinds = [kind for kind in BLEND for _ in users]
    at = NOW - timedelta(days=60)
    seen = [names[n] for n in rng.integers(0, len(names), 2 * USERS_AT_ONCE)]
    with db.transaction():
        db.execute(_WINDOWS, [users * len(BLEND), kinds, vectors])
        db.execute(_USER_ITEMS, [at, at, at, users * 2, seen])
    return len(kinds) + len(seen)


def _write_item(
    db: psycopg.Connection, name: str, sample: Floats, rng: np.random.Generator
) -> None:
    one, other = sample[rng.integers(0, len(sample), 2)]
    between = (one + other) / np.linalg.norm(one + other)
    with db.transaction():
        db.execute(_ITEM, [name])
        db.execute(_VECTOR, [name, HalfVectors(between[None].astype(np.float16))])
