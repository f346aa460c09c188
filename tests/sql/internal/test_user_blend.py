"""user_blend(): one vector for all windows, against numpy."""

import numpy as np

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


def test_vectors_read_back_as_they_were_written(shop):
    vector = seeded(1)[0]
    (value,) = shop.execute("SELECT (%s::halfvec)::text", [text(vector)]).fetchone()
    np.testing.assert_array_equal(np.array(eval(value), np.float32).astype(np.float16), vector)
    assert add_space(shop) == 1
