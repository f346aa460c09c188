"""similar_items(): the neighbours of an item."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import add_item, add_items, seeded


def test_neighbours_come_by_cosine_without_the_item_itself(shop):
    vectors = seeded(50)
    add_items(shop, vectors)
    rows = shop.execute("SELECT * FROM interestream.similar_items('i7', 10)").fetchall()
    similarity = vectors @ vectors[7]
    similarity[7] = -np.inf
    best = np.argsort(-similarity)[:10]
    assert [row[1] for row in rows] == [f"i{number}" for number in best]
    assert [row[0] for row in rows] == list(range(1, 11))
    np.testing.assert_allclose([row[4] for row in rows], similarity[best], atol=1e-3)


def test_withdrawn_items_have_neighbours_but_are_none(shop):
    add_item(shop, "gone", seeded(2)[0], available=False)
    add_item(shop, "here", seeded(2)[1])
    rows = shop.execute("SELECT item_id FROM interestream.similar_items('gone')").fetchall()
    assert rows == [("here",)]
    assert shop.execute("SELECT item_id FROM interestream.similar_items('here')").fetchall() == []


@pytest.mark.parametrize("item", ["unknown", None])
def test_an_item_without_a_vector_is_a_clear_error(shop, item):
    with pytest.raises(psycopg.errors.NoDataFound, match="no vector in space 1"):
        shop.execute("SELECT * FROM interestream.similar_items(%s::text)", [item])
