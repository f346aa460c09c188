"""The comparison of trends finds every kind of fault."""

from dataclasses import replace

import psycopg
import pytest

from bench.verify.compare import compare
from bench.verify.recompute import recompute
from tests.bench.verify.builders import DAY_MS, NOON_MS, NOW_MS, catalogue, event, vectors

SPACE = 7
AS_OF_MS = NOON_MS + 10_000
EXPECTED = recompute(
    catalogue(),
    [
        event(1, "like", NOON_MS, "up"),
        event(1, "like", NOON_MS, "up"),
        event(2, "view", NOON_MS - 1, "up", user="bob"),
        event(3, "like", NOON_MS - 2 * DAY_MS, "east"),
        event(4, "dislike", NOON_MS, "east"),
        event(5, "impression", NOON_MS, "west"),
        event(6, "like", AS_OF_MS, "west"),
    ],
    vectors=vectors,
    now_ms=NOW_MS,
)
ROWS = {("hour", "up"): (2, 4.0), ("all", "up"): (2, 4.0), ("all", "east"): (1, 0.75)}
"""A like weighs 3 and a view 1; with a half-life of a day two days leave a quarter."""


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({}, 0),
        ({("hour", "up"): (3, 4.0)}, 1),
        ({("hour", "up"): (2, 4.1)}, 1),
        ({("hour", "up"): None}, 1),
        # What is ahead of event time waits.
        ({("hour", "west"): (1, 3.0)}, 1),
        ({("all", "east"): (1, 0.7504)}, 0),
        ({("all", "east"): (1, 0.76)}, 1),
        ({("all", "east"): (2, 0.75)}, 1),
        # A horizon keeps its strongest items.
        ({("all", "east"): None}, 0),
        ({("all", "up"): None}, 1),
    ],
)
def test_a_wrong_row_is_found(dsn, changed, finding):
    write(dsn, {**ROWS, **changed})
    report = compare(EXPECTED, dsn, SPACE, trends=True)
    assert report.differences["trends different"] == finding
    assert next(f for f in report.figures if f.name == "trends: interactions counted").ok


def test_an_interaction_that_was_counted_twice_is_found(dsn):
    write(dsn, ROWS, counted=5)
    report = compare(EXPECTED, dsn, SPACE, trends=True)
    assert not next(f for f in report.figures if f.name == "trends: interactions counted").ok


def test_items_that_the_input_does_not_decide_are_not_compared(dsn):
    write(dsn, {**ROWS, ("hour", "up"): (1, 3.0), ("all", "up"): (1, 3.0)})
    unsure = replace(EXPECTED.trends, undecided=frozenset({"up"}))
    report = compare(replace(EXPECTED, trends=unsure), dsn, SPACE, trends=True)
    assert report.differences["trends different"] == 0


def write(dsn, rows, counted=4):
    with psycopg.connect(dsn) as db:
        for horizon, start_ms, length, half_life in (
            ("hour", NOON_MS - 3_540_000, "1 hour", None),
            ("all", None, None, "1 day"),
        ):
            db.execute(
                "INSERT INTO interestream.trend_windows (space_id, horizon, length, half_life,"
                " window_start, window_end, as_of, interactions, epoch, version) VALUES (%s, %s,"
                " %s, %s, to_timestamp(%s / 1000.0), to_timestamp(%s / 1000.0),"
                " to_timestamp(%s / 1000.0), 0, 1, %s)",
                [SPACE, horizon, length, half_life, start_ms, AS_OF_MS, AS_OF_MS, counted],
            )
        for (horizon, item), row in rows.items():
            if row is not None:
                db.execute(
                    "INSERT INTO interestream.trends (space_id, horizon, item_id, interactions,"
                    " weight) VALUES (%s, %s, %s, %s, %s)",
                    [SPACE, horizon, item, *row],
                )


def test_a_number_that_the_input_does_not_decide_fails_nothing(dsn):
    """As where commands took events away."""
    write(dsn, ROWS)
    expected = replace(EXPECTED, trends=replace(EXPECTED.trends, total_decided=False))
    report = compare(expected, dsn, SPACE, trends=True)
    assert next(f for f in report.figures if f.name == "trends: interactions counted").ok
