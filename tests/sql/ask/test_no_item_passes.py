"""no_item_passes(): the condition that leaves nothing, in one sentence."""

from tests.sql.builders import add_item


def said(db, arguments):
    return db.execute(
        f"SELECT interestream.no_item_passes(interestream.item_filter({arguments}))"
    ).fetchone()[0]


def test_the_condition_that_leaves_nothing_is_named(db):
    db.execute(
        "INSERT INTO interestream.items (item_id, title, categories, language, attributes,"
        " epoch, version) SELECT 'i' || n, 'Title ' || n, CASE WHEN n % 2 = 0 THEN '{book}'"
        " ELSE '{film}' END::text[], CASE WHEN n % 2 = 0 THEN 'en' ELSE 'de' END,"
        " jsonb_build_object('price', n), 1, 1 FROM generate_series(5, 1204) AS n"
    )
    add_item(db, "gone", available=False, attributes={"price": 1})
    assert said(db, "'{book}'") is None
    assert said(db, "") is None
    below = """p_ranges => '{"price": {"below": 5}}'"""
    assert said(db, below) == "no item passes: price below 5 leaves 0 of 1,200"
    # One that leaves nothing by itself is named before one that leaves nothing of the others.
    assert said(db, f"'{{book}}', '{{de}}', {below}") == (
        "no item passes: price below 5 leaves 0 of 1,200"
    )
    assert said(db, "'{book}', '{de}'") == (
        "no item passes: category book leaves 600 of 1,200, and language de none of these"
    )


def test_without_items_none_is_available(db):
    assert said(db, "'{book}'") == "no item is available"
    assert said(db, "") == "no item is available"
