"""with_categories(): the short form joins the filter."""

import psycopg
import pytest


def test_categories_for_short_join_the_filter(db):
    statement = """
        SELECT (f).categories, (f).languages FROM (
            SELECT interestream.with_categories(
                interestream.item_filter(p_languages => %s), %s
            ) AS f
        ) AS made
    """
    assert db.execute(statement, [["de"], ["x"]]).fetchone() == (["x"], ["de"])
    assert db.execute(statement, [None, ["x"]]).fetchone() == (["x"], None)
    assert db.execute(statement, [["de"], []]).fetchone() == (None, ["de"])
    assert db.execute(statement, [None, None]).fetchone() == (None, None)


def test_categories_that_are_given_twice_are_a_clear_error(db):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="twice"):
        db.execute("SELECT interestream.with_categories(interestream.item_filter('{a}'), '{a}')")
