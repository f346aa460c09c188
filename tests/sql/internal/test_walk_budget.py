"""walk_budget(): when comparing everything beats the index, with and without statistics."""

import pytest

from tests.sql.builders import add_items, add_space, copy_items, seeded, text

ROWS = 12_000  # of which sqrt(2,000 * 12,000), about 4,900, are always compared


def budget(db, *categories):
    return filtered(db, "%s::text[]", list(categories))


def filtered(db, arguments, *values):
    (value,) = db.execute(
        f"SELECT interestream.walk_budget(1, interestream.item_filter({arguments}))", values
    ).fetchone()
    return value


@pytest.fixture
def large(db):
    assert add_space(db, index=False) == 1
    categories = [
        ["half"] * (number % 2) + ["one in a hundred"] * (number % 100 == 0)
        for number in range(ROWS)
    ]
    copy_items(db, seeded(ROWS), categories)
    db.execute(
        """
        UPDATE interestream.items AS i SET
            language = CASE WHEN n.number % 3 > 0 THEN 'de' ELSE 'en' END,
            attributes = jsonb_build_object('brand', n.number % 200),
            published_at = '2026-01-01'::timestamptz + n.number * interval '1 minute'
        FROM (SELECT item_id, substr(item_id, 2)::integer AS number FROM interestream.items) AS n
        WHERE n.item_id = i.item_id
        """
    )
    return db


def test_a_small_space_is_compared_whole(shop):
    add_items(shop, seeded(50))
    assert budget(shop) == 0
    assert budget(shop, "any") == 0


@pytest.mark.parametrize("statistics", [False, True])
def test_a_rare_category_is_compared_and_a_common_one_is_searched(large, statistics):
    if statistics:
        large.execute("ANALYZE interestream.items")
    assert budget(large) == 20_000
    assert budget(large, "one in a hundred") == 0
    assert budget(large, "unheard of") == 0
    # As much as half the work of comparing the 6,000 items of the category.
    assert budget(large, "half") == pytest.approx(3_000, rel=0.3)
    assert budget(large, "half", "one in a hundred") > 0


@pytest.mark.parametrize("statistics", [False, True])
def test_every_kind_of_filter_is_judged_by_how_much_passes(large, statistics):
    if statistics:
        large.execute("ANALYZE interestream.items")
    assert filtered(large, "p_languages => '{de}'") == pytest.approx(4_000, rel=0.3)
    assert filtered(large, "p_languages => '{de,en}'") == pytest.approx(6_000, rel=0.3)
    assert filtered(large, "p_languages => '{fr}'") == 0
    assert filtered(large, """p_attributes => '{"brand": 7}'""") == 0
    assert filtered(large, """p_attributes => '{"brand": "7"}'""") == 0
    assert filtered(large, "p_published_after => '2026-01-03'") == pytest.approx(4_560, rel=0.3)
    assert filtered(large, "p_published_after => '2026-01-09T02:00Z'") == 0


def test_ranges_and_exclusions_are_judged_by_how_much_passes(large):
    below = """p_ranges => '{"brand": {"below": %d}}'"""
    # Rows beside each other have brands beside each other, so a sample of pages is less exact.
    assert filtered(large, below % 100) == pytest.approx(3_000, rel=0.6)
    assert filtered(large, below % 1) == 0
    assert filtered(large, "p_not_categories => '{half}'") == pytest.approx(3_000, rel=0.3)
    assert filtered(large, "p_types => '{half}'") == pytest.approx(3_000, rel=0.3)
    assert filtered(large, "p_types => '{one in a hundred}'") == 0
    assert filtered(large, "p_not_words => '{i7}'") == pytest.approx(6_000, rel=0.3)
    assert filtered(large, "p_not_words => '{title}'") == 0


def test_parts_of_a_filter_are_judged_together(large):
    # Each is common, but nothing passes both.
    assert budget(large, "half") > 0
    assert filtered(large, "p_languages => '{de}'") > 0
    large.execute("UPDATE interestream.items SET language = 'fr' WHERE 'half' = ANY(categories)")
    assert filtered(large, "'{half}', '{de}'") == 0


def test_a_filter_that_filters_nothing_is_none(large):
    assert filtered(large, "'{}', '{}', '{}'") == 20_000


@pytest.mark.parametrize("statistics", [False, True])
@pytest.mark.parametrize(
    ("index", "arguments"),
    [
        ("items_attributes", """p_attributes => '{"brand": 7}'"""),
        ("items_categories", "'{one in a hundred}'"),
        ("items_language", "p_languages => '{fr}'"),
    ],
)
def test_rare_items_are_counted_and_compared_by_the_index(large, index, arguments, statistics):
    large.execute("UPDATE interestream.items SET language = 'fr' WHERE item_id LIKE 'i999%'")
    if statistics:
        large.execute("ANALYZE interestream.items")
    scans = f"SELECT pg_stat_get_xact_numscans('interestream.{index}'::regclass)"
    (before,) = large.execute(scans).fetchone()
    assert filtered(large, arguments) == 0
    (counted,) = large.execute(scans).fetchone()
    assert counted > before
    large.execute(
        "SELECT * FROM interestream.nearest_items(1, ARRAY[%s::halfvec], 5, p_walk => 0,"
        f" p_filter => interestream.item_filter({arguments}))",
        [text(seeded(1)[0])],
    )
    (compared,) = large.execute(scans).fetchone()
    assert compared > counted
