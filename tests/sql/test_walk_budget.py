"""walk_budget(): when comparing everything beats the index, with and without statistics."""

import pytest

from tests.sql.builders import add_items, add_space, copy_items, seeded

ROWS = 4_000  # more than the 1,000 that are always compared


def budget(db, *categories):
    (value,) = db.execute(
        "SELECT interestream.walk_budget(1, %s)", [list(categories) or None]
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
    # As much as half the work of comparing the 2,000 items of the category.
    assert budget(large, "half") == pytest.approx(1_000, rel=0.35)
    assert budget(large, "half", "one in a hundred") > 0
