"""user_drift(): how far what was learned of a user has moved, and when."""

from datetime import timedelta

import numpy as np
import psycopg
import pytest

from tests.sql.builders import NOON, add_item, add_sequence, add_vector, seeded
from tests.sql.internal.test_sequence_users import set_sequence

DRIFT = "SELECT * FROM interestream.user_drift(%s)"
AXES = {"Moon": [1, 0, 0, 0], "Bread": [0, 1, 0, 0], "Chess": [0, 0, 1, 0]}


def fill(db):
    model = add_sequence(db)
    for number, (title, vector) in enumerate(AXES.items()):
        add_item(db, f"i{number}", seeded(3)[number], title=title)
        add_vector(db, f"i{number}", np.array(vector, dtype=np.float32), space=model)
    return model


def test_how_far_from_where_to_where(shop):
    model = fill(shop)
    set_sequence(shop, "ann", [1, 0, 0, 0], model, "sequence_before", NOON - timedelta(days=8))
    set_sequence(shop, "ann", [0.6, 0.8, 0, 0], model)
    moved, since, until, before, now, words = shop.execute(DRIFT, ["ann"]).fetchone()
    assert moved == pytest.approx(1 - 0.6, abs=1e-3)
    assert (since, until) == (NOON - timedelta(days=8), NOON)
    assert (before[0], now[0]) == ("Moon", "Bread")
    assert words.startswith("The interest has moved by 0.40 since 2026-02-21, from what is near")


def test_who_has_hardly_moved(shop):
    model = fill(shop)
    set_sequence(shop, "ann", [1, 0, 0, 0], model, "sequence_before", NOON - timedelta(days=8))
    set_sequence(shop, "ann", [1, 0, 0, 0], model)
    assert shop.execute(DRIFT, ["ann"]).fetchone()[5] == (
        "The interest has hardly moved since 2026-02-21 (0.00)."
    )


def test_without_an_earlier_week_or_a_model_nothing_is_told(shop):
    assert shop.execute(DRIFT, ["ann"]).fetchall() == []
    set_sequence(shop, "ann", [1, 0, 0, 0], fill(shop))
    assert shop.execute(DRIFT, ["ann"]).fetchall() == []
    with pytest.raises(psycopg.errors.NullValueNotAllowed):
        shop.execute(DRIFT, [None])
