"""item_filter(): what is null or empty does not filter."""

import psycopg
import pytest


def made(db, arguments):
    """The four fields of a filter, as text; None for one that filters nothing."""
    row = db.execute(
        "SELECT f IS NULL, (f).categories, (f).languages, (f).attributes::text,"
        " (f).published_after::text"
        f" FROM (SELECT interestream.item_filter({arguments}) AS f) AS made"
    ).fetchone()
    return None if row[0] else row[1:]


@pytest.mark.parametrize("arguments", ["", "'{}'", "NULL, '{}', '{}'", "p_attributes => NULL"])
def test_what_is_null_or_empty_does_not_filter(db, arguments):
    assert made(db, arguments) is None


def test_every_field_is_kept(db):
    db.execute("SET LOCAL timezone = 'UTC'")
    assert made(db, """'{film,book}', '{de}', '{"a": [1]}', '2026-01-02T03:04:05Z'""") == (
        ["film", "book"],
        ["de"],
        '{"a": [1]}',
        "2026-01-02 03:04:05+00",
    )


@pytest.mark.parametrize("json", ["[]", '"book"', "1", "null"])
def test_attributes_that_are_no_object_are_a_clear_error(db, json):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="JSON") as caught:
        made(db, f"p_attributes => '{json}'")
    assert caught.value.diag.message_hint
