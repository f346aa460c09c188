"""recommend_group(): users with and without a vector, and weights of a variant."""

import json

from tests.sql.builders import add_items, interact, seeded, set_source_weights, set_window
from tests.sql.internal.test_recommend_variants import ids


def test_who_has_no_vector_gets_an_answer_too(shop):
    add_items(shop, seeded(30))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    rows = shop.execute(
        "SELECT user_id, rank FROM interestream.recommend_group("
        "'{ann,nobody}', 4, 1, NULL, NULL, NULL, NULL)"
    ).fetchall()
    assert rows == [(user, rank) for user in ("ann", "nobody") for rank in (1, 2, 3, 4)]


def test_null_stands_for_the_usual_diversity_and_exploration(shop):
    add_items(shop, seeded(60))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    call = "recommend_group('{ann}', 9, 1, %s, NULL, NULL, %s)"
    assert ids(shop, call % ("NULL", "NULL")) == ids(shop, call % ("0.3", "0.1"))
    assert ids(shop, call % ("NULL", "NULL")) != ids(shop, call % ("1", "0.1"))


def test_weights_stand_for_those_of_the_table(shop):
    """A weight below 0 turns the order around: first what is least alike."""
    set_source_weights(shop, text=2.0)
    add_items(shop, seeded(12))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    interact(shop, "ann", "i0", "like")
    call = "recommend_group('{ann}', 11, 1, 0, NULL, NULL, 0, %s)"
    usual = ids(shop, call % "NULL")
    turned = ids(shop, call % f"'{json.dumps({'few': {'text': -2.0}})}'")
    others = ids(shop, call % f"'{json.dumps({'many': {'text': -2.0}})}'")
    assert len(usual) == 11
    assert turned == usual[::-1]
    assert others == usual
