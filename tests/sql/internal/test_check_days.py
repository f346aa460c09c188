"""check_days(): how long a history of topics may be."""

import psycopg
import pytest


@pytest.mark.parametrize("days", [1, 28, 400])
def test_one_to_four_hundred_days_are_a_history(db, days):
    db.execute("SELECT interestream.check_days(%s)", [days])


@pytest.mark.parametrize("days", [0, -1, 401, None])
def test_anything_else_is_a_clear_error(db, days):
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        db.execute("SELECT interestream.check_days(%s)", [days])
    assert caught.value.diag.message_hint == "p_days is 1 to 400."
