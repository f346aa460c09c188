"""likely_candidate(): how often what users turn to is among the candidates."""

import pytest


def likely(db, segment="few"):
    return db.execute("SELECT interestream.likely_candidate(1, %s)", [segment]).fetchone()[0]


def test_it_goes_from_a_guess_to_what_was_seen(shop):
    assert likely(shop) == 0.4
    shop.execute("INSERT INTO interestream.learning VALUES (1, 'few', 0, 50, 0)")
    assert likely(shop) == pytest.approx(0.2)
    shop.execute("UPDATE interestream.learning SET asked = 950, found = 780")
    assert likely(shop) == pytest.approx(0.8)
    assert likely(shop, "many") == 0.4
