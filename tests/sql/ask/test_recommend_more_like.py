"""recommend_more_like(): near an item, for a user; against a numpy recomputation."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import add_item, add_items, add_space, interact, seeded, set_window, unit


def more_like(db, item="i0", user="ann", k=10, **named):
    arguments = "".join(f", {name} => %({name})s" for name in named)
    return (
        db.cursor(row_factory=psycopg.rows.dict_row)
        .execute(
            f"SELECT * FROM interestream.recommend_more_like(%(item)s, %(user)s, %(k)s{arguments})",
            {"item": item, "user": user, "k": k, **named},
        )
        .fetchall()
    )


def ids(rows):
    return [row["item_id"] for row in rows]


def test_the_score_is_what_the_contract_says(shop):
    vectors = seeded(200)
    names = add_items(shop, vectors)
    taste, dislikes = seeded(2, seed=1)
    set_window(shop, "ann", "recent", taste)
    set_window(shop, "ann", "dislikes", dislikes, weight=6.0)
    rows = more_like(shop, k=30, p_diversity=0)
    similarity = vectors @ vectors[0]
    score = (
        similarity + 0.3 * vectors @ taste - 0.4 * np.maximum(vectors @ dislikes, 0) * 6 / (6 + 3)
    )
    score[0] = -np.inf
    # Out of the 90 nearest to the item.
    nearest = np.argsort(-np.where(np.arange(200) == 0, -np.inf, similarity))[:90]
    best = nearest[np.argsort(-score[nearest])][:30]
    assert ids(rows) == [names[number] for number in best]
    np.testing.assert_allclose([row["score"] for row in rows], score[best], atol=2e-3)
    np.testing.assert_allclose([row["similarity"] for row in rows], similarity[best], atol=2e-3)
    assert [row["rank"] for row in rows] == list(range(1, 31))


def test_the_item_itself_seen_and_disliked_ones_stay_out(shop):
    add_items(shop, seeded(30))
    interact(shop, "ann", "i3", "view")
    interact(shop, "ann", "i4", "dislike")
    interact(shop, "bob", "i5", "view")
    assert set(ids(more_like(shop, k=30))) == {f"i{n}" for n in range(30)} - {"i0", "i3", "i4"}


def test_a_user_nobody_knows_gets_what_is_similar(shop):
    add_items(shop, seeded(30))
    similar = shop.execute("SELECT item_id FROM interestream.similar_items('i0', 8)").fetchall()
    assert [(item,) for item in ids(more_like(shop, user="nobody", k=8, p_diversity=0))] == similar


def test_near_copies_do_not_fill_the_list(shop):
    axes = np.eye(8, dtype=np.float32)
    add_item(shop, "i0", axes[0])
    for number in range(10):
        add_item(shop, f"copy{number}", unit(axes[0] + 0.1 * axes[1]))
    add_item(shop, "other", unit(axes[0] + 0.6 * axes[2]))
    assert "other" not in ids(more_like(shop, k=3, p_diversity=0))
    assert "other" in ids(more_like(shop, k=3, p_diversity=0.5))


def test_every_row_says_what_it_is_like(shop):
    add_item(shop, "i0", seeded(2)[0], title="The Moon")
    add_item(shop, "i1", seeded(2)[1])
    assert [row["reason"] for row in more_like(shop)] == ['Similar, like "The Moon".']


def test_a_space_answers_with_its_own_vectors(shop):
    second = add_space(shop, dim=4, sha256="bb")
    add_items(shop, seeded(3))
    small = np.eye(4, dtype=np.float32)
    for item, vector in (("i0", small[0]), ("i1", small[1]), ("i2", small[0])):
        shop.execute(
            "INSERT INTO interestream.item_vectors VALUES (%s, %s, %s::halfvec, 1, 1)",
            [second, item, str(vector.tolist())],
        )
    assert ids(more_like(shop, k=1, p_space=second)) == ["i2"]


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"user": None}, psycopg.errors.NullValueNotAllowed),
        ({"item": "unknown"}, psycopg.errors.NoDataFound),
        ({"item": None}, psycopg.errors.NoDataFound),
        ({"k": 0}, psycopg.errors.InvalidParameterValue),
        ({"p_diversity": -0.1}, psycopg.errors.InvalidParameterValue),
        ({"p_personal": 1.1}, psycopg.errors.InvalidParameterValue),
        ({"p_space": 99}, psycopg.errors.UndefinedObject),
    ],
)
def test_what_cannot_be_answered_is_a_clear_error(shop, named, error):
    add_items(shop, seeded(3))
    with pytest.raises(error) as caught:
        more_like(shop, **named)
    assert caught.value.diag.message_hint
