"""item_filter(): what is null or empty does not filter."""

import psycopg
import pytest

from tests.sql.builders import add_item


def made(db, arguments):
    """The four fields of a filter, as text; None for one that filters nothing."""
    row = db.execute(
        "SELECT f IS NULL, (f).categories, (f).languages, (f).attributes::text,"
        " (f).published_after::text"
        f" FROM (SELECT interestream.item_filter({arguments}) AS f) AS made"
    ).fetchone()
    return None if row[0] else row[1:]


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "'{}'",
        "NULL, '{}', '{}'",
        "p_attributes => NULL",
        "p_ranges => '{}', p_types => '{}', p_not_types => '{}', p_not_categories => '{}'",
        """p_not_words => '{}', p_not_attributes => '{"a": []}'""",
    ],
)
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


@pytest.mark.parametrize("json", ["[]", '"book"', "1", "null"])
def test_attributes_to_leave_out_that_are_no_object_are_a_clear_error(db, json):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="JSON") as caught:
        made(db, f"p_not_attributes => '{json}'")
    assert caught.value.diag.message_hint


@pytest.mark.parametrize("before", ["2026-01-02", "2026-01-01"])
def test_times_that_nothing_lies_between_are_a_clear_error(db, before):
    with pytest.raises(
        psycopg.errors.InvalidParameterValue, match="nothing is published"
    ) as caught:
        made(db, f"p_published_after => '2026-01-02', p_published_before => '{before}'")
    assert caught.value.diag.message_hint


def test_what_a_filter_was_made_of_can_be_read(db):
    row = db.execute(
        """
        SELECT (f).ranges, (f).not_words, (f).not_attributes, (f).types, (f).not_types,
            (f).not_categories
        FROM (
            SELECT interestream.item_filter(
                p_ranges => '{"price": {"max": 5}}', p_not_words => '{used}',
                p_not_attributes => '{"format": "audio"}', p_types => '{a}', p_not_types => '{b}',
                p_not_categories => '{c}'
            ) AS f
        ) AS made
        """
    ).fetchone()
    assert row == (
        {"price": {"max": 5}},
        ["used"],
        {"format": "audio"},
        ["a"],
        ["b"],
        ["c"],
    )


def test_words_are_left_out_of_title_and_text(shop):
    add_item(shop, "a", title="Used books")
    add_item(shop, "b", title="Books")
    add_item(shop, "c", title="Paper")
    shop.execute("UPDATE interestream.items SET body = 'Hardly USED.' WHERE item_id = 'c'")
    rows = shop.execute(
        "SELECT item_id FROM interestream.items AS i WHERE interestream.passes_filter("
        "i, interestream.item_filter(p_not_words => '{used}'))"
    ).fetchall()
    assert rows == [("b",)]
