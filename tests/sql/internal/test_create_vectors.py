"""create_vectors(): the partition of a space."""

import psycopg
import pytest


def test_a_partition_takes_vectors_of_its_dimension_alone(shop):
    shop.execute("SELECT interestream.create_vectors(7, 2)")
    insert = "INSERT INTO interestream.item_vectors VALUES (7, 'i0', %s, 1, 1)"
    shop.execute(insert, ["[1,0]"])
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.execute(insert, ["[1,0,0]"])
