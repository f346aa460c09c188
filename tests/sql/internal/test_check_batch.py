"""check_batch(): what a batch of maintenance needs."""

import psycopg
import pytest


def test_a_time_and_a_row_are_enough(db):
    db.execute("SELECT interestream.check_batch(now(), 1)")


@pytest.mark.parametrize("arguments", ["NULL, 1", "now(), NULL"])
def test_what_is_missing_is_a_clear_error(db, arguments):
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        db.execute(f"SELECT interestream.check_batch({arguments})")


def test_a_batch_has_rows(db):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="a batch of 0 rows"):
        db.execute("SELECT interestream.check_batch(now(), 0)")
