"""user_blend() and to_space(): vectors made inside the database, against numpy."""

import numpy as np
import pytest

from tests.sql.builders import add_space, seeded, set_window, stored, text, unit


def blend(db, user="ann"):
    (value,) = db.execute("SELECT interestream.user_blend(%s, 1)::text", [user]).fetchone()
    return None if value is None else np.array(eval(value), np.float32)


def test_windows_are_added_by_their_weights(shop):
    recent, month = seeded(2)
    set_window(shop, "ann", "recent", recent)
    set_window(shop, "ann", "month", month)
    set_window(shop, "ann", "dislikes", seeded(1, seed=1)[0])
    np.testing.assert_allclose(blend(shop), stored(unit(0.5 * recent + 0.1 * month)), atol=1e-3)


def test_a_user_without_windows_has_no_blend(shop):
    set_window(shop, "ann", "dislikes", seeded(1)[0])
    assert blend(shop) is None
    assert blend(shop, "nobody") is None


def test_windows_that_cancel_out_leave_no_direction(shop):
    set_window(shop, "ann", "session", seeded(1)[0])
    set_window(shop, "ann", "day", -seeded(1)[0])
    assert blend(shop) is None


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


def test_vectors_read_back_as_they_were_written(shop):
    vector = seeded(1)[0]
    (value,) = shop.execute("SELECT (%s::halfvec)::text", [text(vector)]).fetchone()
    np.testing.assert_array_equal(np.array(eval(value), np.float32).astype(np.float16), vector)
    assert add_space(shop) == 1
