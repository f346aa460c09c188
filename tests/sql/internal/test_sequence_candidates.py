"""sequence_candidates() and the feature `sequence`: what sequence models find."""

import numpy as np
import pytest

from tests.sql.builders import (
    add_item,
    add_sequence,
    add_vector,
    interact,
    seeded,
    set_source_weights,
    set_window,
)
from tests.sql.internal.test_candidates import candidates
from tests.sql.internal.test_sequence_users import set_sequence

OF_MODEL = seeded(40, dim=4, seed=5)


def fill(db, model, vectors=OF_MODEL):
    """Items i0, i1, ... with vectors of texts, and these vectors in the model."""
    for number, (text, vector) in enumerate(zip(seeded(len(vectors)), vectors, strict=True)):
        if model == 2:
            add_item(db, f"i{number}", text, categories=["even" if number % 2 == 0 else "odd"])
        add_vector(db, f"i{number}", vector, space=model)


def found(db, users, models, vectors, pool=5, passing="NULL"):
    rows = db.execute(
        "SELECT user_number, item_id FROM interestream.sequence_candidates"
        f"(%s, %s::integer[], %s::halfvec[], %s, {passing})",
        [users, models, [None if v is None else str(list(v)) for v in vectors], pool],
    ).fetchall()
    return {user: {item for number, item in rows if number == user} for user, _ in rows}


def likeliest(user, vectors, count, without=()):
    order = np.argsort(-(vectors @ user), kind="stable")
    return set([f"i{number}" for number in order if f"i{number}" not in without][:count])


def test_users_of_two_models_at_once(shop):
    old, new = add_sequence(shop, sha256="s1"), add_sequence(shop, sha256="s2")
    others = seeded(40, dim=4, seed=6)
    fill(shop, old)
    fill(shop, new, others)
    ann, bob, cid = seeded(3, dim=4, seed=7).tolist()
    interact(shop, "bob", "i3", "like")
    got = found(shop, ["ann", "bob", "cid", "dan"], [new, old, new, None], [ann, bob, cid, None])
    assert got == {
        1: likeliest(ann, others, 5),
        2: likeliest(bob, OF_MODEL, 5, {"i3"}),
        3: likeliest(cid, others, 5),
    }


def test_a_filter_holds(shop):
    model = add_sequence(shop)
    fill(shop, model)
    (ann,) = seeded(1, dim=4, seed=7).tolist()
    odd = {f"i{number}" for number in range(1, 40, 2)}
    passing = "interestream.item_filter('{even}')"
    assert found(shop, ["ann"], [model], [ann], passing=passing) == {
        1: likeliest(ann, OF_MODEL, 5, odd)
    }


def test_the_feature_is_a_tenth_of_scale_times_cosine(shop):
    model = add_sequence(shop)
    fill(shop, model)
    ann = seeded(1, dim=4, seed=7)[0]
    set_window(shop, "ann", "recent", seeded(1)[0])
    interact(shop, "ann", "i0", "like")
    set_sequence(shop, "ann", ann.tolist(), model)
    features, _ = candidates(shop, pool=3)
    assert likeliest(ann, OF_MODEL, 3, {"i0"}) <= set(features)
    for item, own in features.items():
        cosine = float(OF_MODEL[int(item[1:])] @ ann)
        assert own["sequence"] == pytest.approx(20 * cosine / 10, abs=2e-3)


def test_without_a_model_or_a_weight_the_feature_is_0(shop):
    model = add_sequence(shop)
    fill(shop, model)
    set_window(shop, "ann", "recent", seeded(1)[0])
    interact(shop, "ann", "i0", "like")
    features, _ = candidates(shop)
    assert {own["sequence"] for own in features.values()} == {0}
    set_sequence(shop, "ann", [1, 0, 0, 0], model)
    set_source_weights(shop, text=1.0)
    features, _ = candidates(shop)
    assert {own["sequence"] for own in features.values()} == {0}


def test_recommend_is_led_by_the_model_says_so_and_adds_up(shop):
    model = add_sequence(shop)
    fill(shop, model)
    ann = seeded(1, dim=4, seed=7)[0]
    set_window(shop, "ann", "recent", seeded(1)[0])
    interact(shop, "ann", "i0", "like")
    set_sequence(shop, "ann", ann.tolist(), model)
    set_source_weights(shop, text=0.01, sequence=2.0)
    rows = shop.execute(
        "SELECT item_id, source, reason, score, parts"
        " FROM interestream.recommend('ann', 3, p_diversity => 0, p_explore => 0)"
    ).fetchall()
    assert {row[0] for row in rows} == likeliest(ann, OF_MODEL, 3, {"i0"})
    assert rows[0][1] == "sequence"
    assert rows[0][2] == 'Likely next after what you did lately, like "Title i0".'
    for *_, score, parts in rows:
        assert sum(parts["score"].values()) == pytest.approx(score, abs=1e-3)
        assert parts["score"]["sequence"] > 1
