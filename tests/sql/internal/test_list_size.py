"""list_size(): for which size of list candidates are looked for."""

import pytest


@pytest.mark.parametrize(
    ("k", "size"), [(1, 20), (20, 20), (21, 50), (100, 100), (201, 500), (501, 1000), (1000, 1000)]
)
def test_it_is_the_next_size(shop, k, size):
    assert shop.execute("SELECT interestream.list_size(%s)", [k]).fetchone() == (size,)
