"""item_vector(): the vector of an item in a space."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import add_item, add_space, add_vector, seeded, text


def test_each_space_has_its_own(shop):
    second = add_space(shop, dim=4, sha256="bb")
    vector, other = np.eye(8, dtype=np.float32)[3], np.eye(4, dtype=np.float32)[1]
    add_item(shop, "a", vector)
    add_vector(shop, "a", other, space=second)
    statement = "SELECT interestream.item_vector('a', %s) = %s::halfvec"
    assert shop.execute(statement, [1, text(vector)]).fetchone() == (True,)
    assert shop.execute(statement, [second, text(other)]).fetchone() == (True,)


@pytest.mark.parametrize("item", ["not encoded", "unknown", None])
def test_an_item_without_a_vector_is_a_clear_error(shop, item):
    add_item(shop, "not encoded")
    add_item(shop, "a", seeded(1)[0])
    with pytest.raises(psycopg.errors.NoDataFound) as caught:
        shop.execute("SELECT interestream.item_vector(%s, 1)", [item])
    assert caught.value.diag.message_hint
