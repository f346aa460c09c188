"""Matrices as arrays of halfvec: Postgres reads the vectors that numpy wrote."""

import numpy as np
import psycopg
import pytest

from jobs.sinks.halfvec_array import HalfVectors, register_halfvectors
from tests.builders import unit_rows


@pytest.mark.parametrize(("count", "dim"), [(1, 8), (12, 384), (300, 384), (3, 1_024)])
def test_every_component_arrives_as_it_was_sent(job_dsn, count, dim):
    sent = unit_rows(count, dim).astype(np.float16)
    with psycopg.connect(job_dsn) as db:
        register_halfvectors(db)
        rows = db.execute(
            "SELECT v::real[] FROM unnest(%s) WITH ORDINALITY AS n (v, number) ORDER BY number",
            (HalfVectors(sent),),
        ).fetchall()
    np.testing.assert_array_equal(np.array([row[0] for row in rows], dtype=np.float16), sent)


def test_an_empty_matrix_is_an_empty_array(job_dsn):
    with psycopg.connect(job_dsn) as db:
        register_halfvectors(db)
        empty = HalfVectors(np.empty((0, 384), dtype=np.float16))
        assert db.execute("SELECT count(*) FROM unnest(%s)", (empty,)).fetchone() == (0,)
