"""space_dim(): the number of dimensions of a space."""

import psycopg
import pytest

from tests.sql.builders import add_space


def test_each_space_has_its_own(shop):
    second = add_space(shop, dim=4, sha256="bb")
    rows = shop.execute("SELECT interestream.space_dim(1), interestream.space_dim(%s)", [second])
    assert rows.fetchone() == (8, 4)


@pytest.mark.parametrize("space", [99, None])
def test_an_unknown_space_is_a_clear_error(shop, space):
    with pytest.raises(psycopg.errors.UndefinedObject):
        shop.execute("SELECT interestream.space_dim(%s)", [space])
