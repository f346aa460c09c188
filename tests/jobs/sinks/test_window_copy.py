"""The binary COPY stream: what Postgres reads is what numpy wrote."""

import numpy as np
import psycopg

from jobs.core.user_rows import WindowRows
from jobs.sinks.window_copy import window_copy
from tests.builders import NOON_MS, half, unit_rows

TABLE = "CREATE TEMPORARY TABLE w (u int4, kind int4, at bigint, weight real, embedding halfvec)"


def rows_of(count: int, dim: int) -> WindowRows:
    return WindowRows(
        user=np.arange(count, dtype=np.intp),
        kind=np.arange(count, dtype=np.intp) % 5,
        as_of=NOON_MS - np.arange(count, dtype=np.int64) * 10**9,
        weight=np.linspace(0.1, 1e6, count),
        vector=unit_rows(count, dim).astype(np.float16),
    )


def copied(dsn: str, rows: WindowRows) -> list[tuple[int, int, int, float, str]]:
    with psycopg.connect(dsn) as db:
        db.execute(TABLE)
        with db.cursor() as cursor:
            with cursor.copy("COPY w FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(window_copy(rows))
            return cursor.execute(
                "SELECT u, kind, at, weight, embedding::text FROM w ORDER BY u"
            ).fetchall()


def test_postgres_reads_every_column_as_it_was(job_dsn):
    rows = rows_of(12, 384)
    found = copied(job_dsn, rows)
    assert [row[:3] for row in found] == list(
        zip(rows.user.tolist(), rows.kind.tolist(), rows.as_of.tolist(), strict=True)
    )
    weights = np.array([row[3] for row in found], dtype=np.float32)
    np.testing.assert_array_equal(weights, rows.weight.astype(np.float32))
    vectors = half([[float(x) for x in row[4].strip("[]").split(",")] for row in found])
    np.testing.assert_array_equal(vectors, rows.vector)


def test_no_rows_are_a_stream_without_rows(job_dsn):
    assert copied(job_dsn, rows_of(0, 384)) == []
