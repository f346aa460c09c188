"""The store of vectors loses its oldest days, and only them."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from udfs.encoder import Encoder
from udfs.prune_store import PrunedStore, prune_store
from udfs.vector_store import StoredEncoder

ROW = 16 + 4 * 384
"""Bytes of a key and a vector."""


def fill(file: Path, days: dict[int, int]) -> None:
    """A store with so many vectors of each day, whose keys begin with all kinds of bytes."""
    with sqlite3.connect(file) as db:
        db.execute(
            "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL,"
            " added_day INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        )
        for day, count in days.items():
            for number in range(count):
                key = bytes([number * 7 % 256, day]) + number.to_bytes(14, "big")
                db.execute("INSERT INTO vectors VALUES (?, ?, ?)", (key, bytes(4 * 384), day))


def days(file: Path) -> dict[int, int]:
    with sqlite3.connect(file) as db:
        return dict(db.execute("SELECT added_day, count(*) FROM vectors GROUP BY 1").fetchall())


def test_whole_days_go_the_oldest_first_until_the_rest_fits(tmp_path: Path) -> None:
    file = tmp_path / "vectors"
    fill(file, {3: 300, 5: 300, 9: 300})
    limit = int(file.stat().st_size * 0.6)  # one day is a third: two must go
    planned = prune_store(file, limit, dry_run=True)
    assert planned == PrunedStore(600, 600 * ROW)
    assert days(file) == {3: 300, 5: 300, 9: 300}
    assert prune_store(file, limit) == planned
    assert days(file) == {9: 300}
    assert prune_store(file, limit) == PrunedStore(0, 0)


def test_freed_room_is_used_again(tmp_path: Path) -> None:
    file = tmp_path / "vectors"
    fill(file, {3: 500})
    size = file.stat().st_size
    prune_store(file, 1)
    with sqlite3.connect(file) as db:
        for number in range(500):
            key = number.to_bytes(16, "big")
            db.execute("INSERT INTO vectors VALUES (?, ?, 4)", (key, bytes(4 * 384)))
    assert file.stat().st_size <= size * 1.1


def test_a_store_without_days_is_older_than_all_days(
    bundle_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "vectors"
    with sqlite3.connect(file) as db:
        db.execute(
            "CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
        )
        rows = [(bytes([number]) * 16, bytes(4 * 384)) for number in range(200)]
        db.executemany("INSERT INTO vectors VALUES (?, ?)", rows)
    monkeypatch.setattr("udfs.vector_store.time.time", lambda: 20_000 * 86_400.0 + 5)
    encoder = Encoder.open(bundle_dir, provider="cpu", threads=1)
    expected = StoredEncoder(encoder, file).encode(["the moon"], "document")
    assert days(file) == {0: 200, 20_000: 1}
    assert prune_store(file, 100_000).vectors == 200
    again = StoredEncoder(encoder, file).encode(["the moon"], "document")
    np.testing.assert_array_equal(again, expected)
    assert days(file) == {20_000: 1}


def test_a_store_that_is_not_there_has_nothing_to_remove(tmp_path: Path) -> None:
    assert prune_store(tmp_path / "absent", 1) == PrunedStore(0, 0)
    assert not (tmp_path / "absent").exists()
