"""The comparison of item_neighbors finds every kind of fault."""

import psycopg
import pytest

from bench.verify.compare import compare
from bench.verify.recompute import recompute
from tests.bench.verify.builders import NOON_MS, NOW_MS, catalogue, event, vectors

SPACE = 7
EXPECTED = recompute(
    catalogue(),
    [
        event(1, "like", NOON_MS, "up"),
        event(2, "like", NOON_MS, "west", user="bob"),
        event(3, "like", NOON_MS + 1, "east"),
    ],
    vectors=vectors,
    now_ms=NOW_MS,
)
ROWS = {
    "up": "'{east}', '{1}', 1",
    "east": "'{up}', '{0.5}', 1",
    "west": "'{}', '{}', 1",
}


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({}, None),
        ({"up": "'{east}', '{1.01}', 1"}, "neighbors different"),
        # What faded below 0.001 and was dropped may be missing from a strength, and no more.
        ({"up": "'{east}', '{0.9991}', 1"}, None),
        ({"up": "'{east}', '{0.998}', 1"}, "neighbors different"),
        ({"up": "'{east}', '{1.0009}', 1"}, "neighbors different"),
        ({"up": "'{}', '{}', 1"}, "neighbors different"),
        ({"west": "'{up}', '{0.5}', 1"}, "neighbors different"),
        ({"east": "'{up}', '{0.5}', 2"}, "neighbors: other interactions"),
        ({"slant": "'{}', '{}', 1"}, "neighbors: other interactions"),
        ({"up": None}, "neighbors missing"),
    ],
)
def test_a_wrong_row_is_found(dsn, changed, finding):
    with psycopg.connect(dsn) as db:
        for item, values in {**ROWS, **changed}.items():
            if values is not None:
                db.execute(
                    f"INSERT INTO interestream.item_neighbors VALUES (%s, %s, {values},"
                    " to_timestamp(%s), 1, 1, 1)",
                    [SPACE, item, NOON_MS / 1000],
                )
    report = compare(EXPECTED, dsn, SPACE, neighbors=True)
    found = {
        name: count
        for name, count in report.differences.items()
        if name.startswith("neighbors") and count
    }
    assert found == ({finding: 1} if finding else {})
