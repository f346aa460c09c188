"""freeze_weights(): whether the job learns on."""

import psycopg
import pytest


def test_freeze_weights_says_whether_anything_changed(shop):
    freeze = "SELECT interestream.freeze_weights(%s)"
    changed = [
        shop.execute(freeze, [frozen]).fetchone()[0] for frozen in (True, True, False, False)
    ]
    assert changed == [True, False, True, False]
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        shop.execute(freeze, [None])
