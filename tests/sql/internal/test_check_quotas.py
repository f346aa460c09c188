"""check_quotas(): whole numbers of items that fit into the answer."""

import psycopg
import pytest


def check(db, quotas, k=10):
    db.execute("SELECT interestream.check_quotas(%s::jsonb, %s)", [quotas, k])


def test_quotas_that_fit_are_accepted(db):
    for quotas in (None, "{}", '{"a": 0}', '{"a": 4, "b": 6}', '{"": 1}'):
        check(db, quotas)


def test_other_quotas_are_a_clear_error(db):
    for quotas, message in [
        ("[2]", "quotas cannot be a JSON array"),
        ("2", "quotas cannot be a JSON number"),
        ('{"a": "2"}', "the quota of a is no number of items"),
        ('{"a": 1.5}', "the quota of a is no number of items"),
        ('{"a": -1}', "the quota of a is no number of items"),
        ('{"a": null}', "the quota of a is no number of items"),
        ('{"a": 123456789012}', "the quota of a is no number of items"),
        ('{"a": 5, "b": 6}', "quotas of 11 items do not fit into 10 rows"),
    ]:
        with (
            pytest.raises(psycopg.errors.InvalidParameterValue, match=message) as caught,
            db.transaction(),
        ):
            check(db, quotas)
        assert caught.value.diag.message_hint
