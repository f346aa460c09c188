"""to_space(): an encoder's vector becomes one of the space, against numpy."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import seeded, stored, unit


@pytest.mark.parametrize("dim", [3, 384])
def test_an_encoded_text_becomes_a_vector_of_the_space(db, dim):
    mean, encoded = seeded(2, dim)
    db.execute(
        "SELECT interestream.create_space('a', '1', 'x', %s, %s::real[])", [dim, mean.tolist()]
    )
    (value,) = db.execute(
        "SELECT interestream.to_space(%s::real[], 1)::text", [encoded.tolist()]
    ).fetchone()
    np.testing.assert_allclose(
        np.array(eval(value), np.float32), stored(unit(encoded - mean)), atol=1e-3
    )


@pytest.mark.parametrize("encoded", [None, [], [1.0, 2.0]])
def test_another_number_of_dimensions_is_a_clear_error(shop, encoded):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="space 1 has 8") as caught:
        shop.execute("SELECT interestream.to_space(%s::real[], 1)", [encoded])
    assert caught.value.diag.message_hint


def test_a_vector_without_a_direction_is_refused_wherever_one_is_given(db):
    db.execute("SELECT interestream.create_space('a', '1', 'x', 2, '{0.5, 0}')")
    for question in (
        "to_space('{0, 0}', 1)",
        "to_space('{0.5, 0}', 1)",
        "search_items('{0, 0}')",
        "ask_items('{0, 0}')",
        "ask_items('{1, 0}', ARRAY[[0, 0]]::real[])",
    ):
        refused = pytest.raises(psycopg.errors.InvalidParameterValue, match="has no direction")
        with db.transaction(force_rollback=True), refused:
            db.execute(f"SELECT interestream.{question}")
