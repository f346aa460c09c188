"""search_items(): the items nearest to an encoded text, with and without a user."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import add_actions, add_item, add_items, interact, seeded, set_window, unit

SEARCH = "SELECT item_id, score, similarity FROM interestream.search_items(%s::real[], %s, %s)"


def test_items_come_by_cosine(shop):
    vectors = seeded(50)
    add_items(shop, vectors)
    query = seeded(1, seed=5)[0]
    rows = shop.execute(SEARCH, [query.tolist(), 10, None]).fetchall()
    best = np.argsort(-(vectors @ query))[:10]
    assert [row[0] for row in rows] == [f"i{number}" for number in best]
    np.testing.assert_allclose([row[1] for row in rows], (vectors @ query)[best], atol=2e-3)


def test_the_mean_of_the_space_is_taken_off_the_query(db):
    add_actions(db)
    db.execute("SELECT interestream.create_space('a', '1', 'x', 2, '{0.5, 0}')")
    add_item(db, "east", np.array([1, 0], np.float32))
    add_item(db, "north", np.array([0, 1], np.float32))
    # (0.5, 0.4) - (0.5, 0) points north; with the mean left on it would point east.
    assert db.execute(SEARCH, [[0.5, 0.4], 1, None]).fetchone()[0] == "north"


def test_a_user_is_spared_what_was_seen_and_leans_to_their_taste(shop):
    axes = np.eye(8, dtype=np.float32)
    add_item(shop, "seen", axes[0])
    add_item(shop, "left", unit(axes[0] + 0.5 * axes[1]))
    add_item(shop, "right", unit(axes[0] + 0.5 * axes[2]))
    interact(shop, "ann", "seen", "view")
    set_window(shop, "ann", "recent", axes[2])
    rows = shop.execute(SEARCH, [axes[0].tolist(), 3, "ann"]).fetchall()
    cosine = 1 / np.sqrt(1.25)
    assert [row[0] for row in rows] == ["right", "left"]
    assert rows[0][1] == pytest.approx(cosine + 0.15 * cosine / 2, abs=2e-3)
    assert rows[1][1] == pytest.approx(cosine, abs=2e-3)


def test_a_user_without_windows_searches_like_anybody(shop):
    add_items(shop, seeded(5))
    query = seeded(1, seed=5)[0].tolist()
    assert (
        shop.execute(SEARCH, [query, 3, "nobody"]).fetchall()
        == shop.execute(SEARCH, [query, 3, None]).fetchall()
    )


def test_a_category_narrows_the_search(shop):
    add_item(shop, "a", seeded(2)[0], categories=["x"])
    add_item(shop, "b", seeded(2)[1], categories=["y"])
    rows = shop.execute(
        "SELECT item_id FROM interestream.search_items(%s::real[], p_categories => %s)",
        [seeded(1)[0].tolist(), ["y"]],
    ).fetchall()
    assert rows == [("b",)]


def test_a_vector_of_another_dimension_is_a_clear_error(shop):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="has 3 numbers, space 1 has 8"):
        shop.execute(SEARCH, [[1, 2, 3], 10, None])
