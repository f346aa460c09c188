"""Compares all tables with the expected rows and counts."""

import psycopg

from bench.verify.compare.counters import compare_counters
from bench.verify.compare.feedback import compare_feedback
from bench.verify.compare.findings import Findings, Tolerance
from bench.verify.compare.neighbors import compare_neighbors
from bench.verify.compare.report import Figure, Report
from bench.verify.compare.rows import compare_items, compare_user_items, compare_users
from bench.verify.compare.stored import UNREADABLE_BUCKET, Connection
from bench.verify.compare.trends import compare_trends
from bench.verify.compare.windows import compare_windows
from bench.verify.recompute import Expected


def compare(
    expected: Expected,
    dsn: str,
    space_id: int,
    tolerance: Tolerance | None = None,
    *,
    neighbors: bool = False,
    trends: bool = False,
) -> Report:
    """Compare all rows of one space, `user_items`, dead letters and counters, in one snapshot.

    With `neighbors` also `item_neighbors`, of a job that keeps all neighbors of an item and has
    written them, and that has read all lines in their order. With `trends` also the rows of
    `trends`, of a job that has written them.
    """
    tolerance = Tolerance() if tolerance is None else tolerance
    findings = Findings()
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        window_rows, deviations = compare_windows(
            expected, connection, space_id, tolerance, findings
        )
        users = compare_users(expected, connection, space_id, findings)
        user_items = compare_user_items(expected, connection, tolerance, findings)
        items = compare_items(expected, connection, space_id, findings)
        figures = [
            *compare_counters(expected, connection, space_id),
            Figure("users", len(expected.users), users),
            # Rows that cancel out may exist or not; `windows missing` judges the others.
            Figure("window rows", len(expected.windows.keys), window_rows, judged=False),
            # A command may come before or after rows of its user; the input may not say which.
            Figure(
                "user_items rows", len(expected.user_items), user_items, expected.counts_decided
            ),
            Figure("items", len(expected.items), items),
            Figure(
                "users whose windows the input does not decide",
                None,
                len(expected.undecided),
                judged=False,
            ),
        ]
        figures += compare_feedback(expected, connection, space_id, findings)
        if neighbors:
            figures += compare_neighbors(expected, connection, space_id, findings)
        if trends:
            figures += compare_trends(expected, connection, space_id, findings)
        if expected.forgotten:
            figures.append(
                Figure("dead letters of forgotten users", 0, _dead_letters_of(expected, connection))
            )
        if expected.deleted:
            figures.append(Figure("rows of deleted items", 0, _rows_of(expected, connection)))
    return Report(figures, deviations, dict(findings.differences), findings.examples)


def _dead_letters_of(expected: Expected, connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM interestream.dead_letters WHERE user_id = ANY(%s) AND bucket <> %s",
        (list(expected.forgotten), UNREADABLE_BUCKET),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _rows_of(expected: Expected, connection: Connection) -> int:
    """Rows that say what a deleted item is, or name it beside others."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM interestream.items WHERE item_id = ANY(%(items)s))"
        " + (SELECT count(*) FROM interestream.item_vectors WHERE item_id = ANY(%(items)s))"
        " + (SELECT count(*) FROM interestream.item_neighbors"
        " WHERE item_id = ANY(%(items)s) OR neighbor_ids && %(items)s)"
        " + (SELECT count(*) FROM interestream.trends WHERE item_id = ANY(%(items)s))"
        " + (SELECT count(*) FROM interestream.trend_windows WHERE best_ids && %(items)s)"
        " + (SELECT count(*) FROM interestream.dead_letters WHERE item_id = ANY(%(items)s))",
        {"items": list(expected.deleted)},
    ).fetchone()
    assert row is not None
    return int(row[0])
