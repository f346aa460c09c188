"""recommend(): against a numpy recomputation, and what must never be in an answer."""

import json

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    NOON,
    add_item,
    add_items,
    add_space,
    hours_ago,
    interact,
    seeded,
    set_interests,
    set_source_weights,
    set_window,
    stored,
    unit,
)
from tests.sql.internal.test_neighbor_items import set_neighbors
from tests.sql.internal.test_popularity import count

BLEND = {"recent": 0.5, "session": 0.2, "day": 0.2, "month": 0.1}


def recommend(db, user="ann", k=10, **named):
    arguments = "".join(f", {name} => %({name})s" for name in named)
    return (
        db.cursor(row_factory=psycopg.rows.dict_row)
        .execute(
            f"SELECT * FROM interestream.recommend(%(user)s, %(k)s{arguments})",
            {"user": user, "k": k, **named},
        )
        .fetchall()
    )


def ids(rows):
    return [row["item_id"] for row in rows]


def test_the_order_is_that_of_the_weighted_parts(shop):
    vectors = seeded(200)
    names = add_items(shop, vectors)
    windows = dict(zip(BLEND, seeded(4, seed=1), strict=True))
    for kind, vector in windows.items():
        set_window(shop, "ann", kind, vector)
    set_window(shop, "ann", "dislikes", seeded(1, seed=2)[0], weight=6.0)
    set_interests(shop, "ann", ["i3", "i4"])
    for number in range(5):  # i7 is popular: five others liked it
        interact(shop, f"other{number}", "i7", "like")

    set_source_weights(shop, text=2.0)

    rows = recommend(shop, k=20, p_diversity=0)

    blend = stored(unit(sum(BLEND[kind] * windows[kind] for kind in BLEND)))
    popularity = np.zeros(200)
    popularity[7] = np.log(1 + 5) / np.log(65)
    score = 2 * (
        0.7 * vectors @ blend
        + 0.3 * np.maximum(vectors @ vectors[3], vectors @ vectors[4])
        - 0.4 * np.maximum(vectors @ seeded(1, seed=2)[0], 0) * 6 / (6 + 3)
        + 0.05 * popularity
    )
    best = np.argsort(-score)[:20]
    assert ids(rows) == [names[number] for number in best]
    assert [row["rank"] for row in rows] == list(range(1, 21))
    np.testing.assert_allclose([row["score"] for row in rows], score[best], atol=2e-3)


def test_parts_say_what_the_score_is_made_of(shop):
    add_item(shop, "a", unit(np.array([1, 1, 0, 0, 0, 0, 0, 0], np.float32)))
    set_window(shop, "ann", "recent", np.eye(8, dtype=np.float32)[0])
    (row,) = recommend(shop)
    parts = row["parts"]
    assert parts["blend"] == pytest.approx(np.sqrt(0.5), abs=1e-3)
    assert parts["windows"] == {"recent": pytest.approx(np.sqrt(0.5), abs=1e-3)}
    assert parts["interest"] == parts["blend"]
    assert parts["dislike"] == 0
    assert json.dumps(parts)


def test_what_was_seen_or_disliked_never_comes_back(shop):
    vectors = seeded(60)
    add_items(shop, vectors)
    set_window(shop, "ann", "recent", vectors[0])
    for number in range(20):
        interact(shop, "ann", f"i{number}", "view")
    interact(shop, "ann", "i20", "impression")
    interact(shop, "ann", "i21", "search", signal=-1.0)
    interact(shop, "bob", "i22", "view")
    found = set(ids(recommend(shop, k=100)))
    assert found == {f"i{number}" for number in range(60)} - {f"i{n}" for n in range(20)} - {"i21"}


def test_what_is_not_available_never_comes(shop):
    vectors = seeded(2)
    add_item(shop, "gone", vectors[0], available=False)
    add_item(shop, "here", vectors[1])
    set_window(shop, "ann", "recent", vectors[0])
    assert ids(recommend(shop)) == ["here"]
    shop.execute("UPDATE interestream.items SET available = true WHERE item_id = 'gone'")
    assert set(ids(recommend(shop))) == {"here", "gone"}


def test_an_item_can_be_recommended_as_soon_as_its_vector_is_in(shop):
    vectors = seeded(20)
    add_items(shop, vectors)
    set_window(shop, "ann", "recent", vectors[0])
    add_item(shop, "fresh", vectors[0])
    assert "fresh" in ids(recommend(shop, k=2))


def test_a_category_that_is_rare_and_far_away_is_still_served(shop):
    vectors = seeded(100)
    add_items(shop, vectors)
    for number in range(3):
        add_item(shop, f"far{number}", -vectors[0], categories=["rare", "x"])
    set_window(shop, "ann", "recent", vectors[0])
    assert set(ids(recommend(shop, p_categories=["rare"]))) == {"far0", "far1", "far2"}
    assert recommend(shop, p_categories=["unheard of"]) == []
    assert len(recommend(shop, p_categories=[])) == 10


def test_several_interests_all_find_their_way_into_the_answer(shop):
    axes = np.eye(8, dtype=np.float32)
    for axis in range(3):
        for number in range(10):
            add_item(shop, f"{axis}.{number}", unit(axes[axis] + 0.05 * axes[7 - number % 3]))
    set_window(shop, "ann", "recent", axes[0])
    set_interests(shop, "ann", ["0.0", "1.0", "2.0"])
    for medoid in ("0.0", "1.0", "2.0"):
        interact(shop, "ann", medoid, "like")
    found = recommend(shop, p_diversity=0.6)
    assert {item.split(".")[0] for item in ids(found)} == {"0", "1", "2"}


def test_titles_that_are_nearly_the_same_do_not_fill_the_list(shop):
    axes = np.eye(8, dtype=np.float32)
    for number in range(10):
        add_item(shop, f"copy{number}", unit(axes[0] + 0.1 * axes[1]))
    add_item(shop, "other", unit(axes[0] + 0.6 * axes[2]))
    set_window(shop, "ann", "recent", axes[0])
    assert "other" not in ids(recommend(shop, k=3, p_diversity=0))
    assert "other" in ids(recommend(shop, k=3, p_diversity=0.5))


def test_the_reason_names_where_it_comes_from_and_an_item_the_user_knows(shop):
    axes = np.eye(8, dtype=np.float32)
    add_item(shop, "medoid", axes[1], title="The medoid")
    add_item(shop, "liked", unit(axes[0] + 0.2 * axes[2]), title="The liked one")
    add_item(shop, "a", axes[0])
    add_item(shop, "b", unit(axes[1] + 0.1 * axes[3]))
    set_window(shop, "ann", "session", axes[0])
    set_interests(shop, "ann", ["medoid"])
    interact(shop, "ann", "medoid", "like")
    interact(shop, "ann", "liked", "like")
    rows = {row["item_id"]: row for row in recommend(shop)}
    assert rows["a"]["source"] == "session"
    assert rows["a"]["source_item_id"] is None
    assert rows["a"]["nearest_liked_item_id"] == "liked"
    assert rows["a"]["nearest_liked_title"] == "The liked one"
    assert "The liked one" in rows["a"]["reason"]
    assert rows["b"]["source"] == "interest"
    assert rows["b"]["source_item_id"] == "medoid"
    assert rows["b"]["source_title"] == "The medoid"
    assert "The medoid" in rows["b"]["reason"]


def test_an_unknown_user_gets_what_is_trending(shop):
    add_items(shop, seeded(10))
    interact(shop, "bob", "i3", "like")
    interact(shop, "eve", "i3", "like")
    interact(shop, "bob", "i5", "view")
    rows = recommend(shop, "nobody", k=3)
    assert ids(rows)[:2] == ["i3", "i5"]
    assert [row["source"] for row in rows] == ["trending", "trending", "new"]
    assert "Popular" in rows[0]["reason"]


def test_an_unknown_user_gets_the_newest_items_where_nobody_did_anything(shop):
    add_item(shop, "old", seeded(1)[0], published_at=hours_ago(100))
    add_item(shop, "new", seeded(1)[0], published_at=NOON)
    add_item(shop, "gone", seeded(1)[0], published_at=NOON, available=False)
    rows = recommend(shop, "nobody")
    assert ids(rows) == ["new", "old"]
    assert {row["source"] for row in rows} == {"new"}


def test_a_user_with_nothing_but_dislikes_gets_their_neighbours_last(shop):
    axes = np.eye(8, dtype=np.float32)
    add_item(shop, "disliked", axes[0])
    add_item(shop, "beside it", unit(axes[0] + axes[1]))
    add_item(shop, "elsewhere", axes[2])
    add_item(shop, "no vector yet")
    for item in ("disliked", "beside it", "elsewhere", "no vector yet"):
        interact(shop, "bob", item, "like")
    interact(shop, "ann", "disliked", "dislike")
    set_window(shop, "ann", "dislikes", axes[0])
    assert set(ids(recommend(shop, k=2))) == {"elsewhere", "no vector yet"}
    assert ids(recommend(shop))[2:] == ["beside it"]


def test_an_unknown_user_keeps_to_the_category(shop):
    add_item(shop, "a", seeded(1)[0], categories=["news"])
    add_item(shop, "b", seeded(1)[0], categories=["films"])
    interact(shop, "bob", "a", "like")
    interact(shop, "bob", "b", "like")
    assert ids(recommend(shop, "nobody", p_categories=["films"])) == ["b"]


def test_two_spaces_answer_each_with_its_own_vectors(shop):
    second = add_space(shop, dim=4, sha256="bb")
    axes = np.eye(8, dtype=np.float32)
    small = np.eye(4, dtype=np.float32)
    add_item(shop, "a", axes[0])
    add_item(shop, "b", axes[1])
    for item, vector in (("a", small[1]), ("b", small[0])):
        shop.execute(
            "INSERT INTO interestream.item_vectors VALUES (%s, %s, %s::halfvec, 1, 1)",
            [second, item, str(vector.tolist())],
        )
    set_window(shop, "ann", "recent", axes[0])
    set_window(shop, "ann", "recent", small[0], space=second)
    assert ids(recommend(shop, k=1)) == ["a"]
    assert ids(recommend(shop, k=1, p_space=second)) == ["b"]
    shop.execute("SELECT interestream.activate_space(%s)", [second])
    assert ids(recommend(shop, k=1)) == ["b"]


def test_an_editable_weight_changes_the_answer(shop):
    axes = np.eye(8, dtype=np.float32)
    add_item(shop, "a", axes[0])
    add_item(shop, "b", axes[1])
    set_window(shop, "ann", "recent", axes[0])
    set_window(shop, "ann", "month", axes[1])
    assert ids(recommend(shop))[0] == "a"
    shop.execute("UPDATE interestream.blend_weights SET weight = 0 WHERE kind = 'recent'")
    assert ids(recommend(shop))[0] == "b"


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"user": None}, psycopg.errors.NullValueNotAllowed),
        ({"k": 0}, psycopg.errors.InvalidParameterValue),
        ({"k": 1001}, psycopg.errors.InvalidParameterValue),
        ({"k": None}, psycopg.errors.InvalidParameterValue),
        ({"p_diversity": 1.5}, psycopg.errors.InvalidParameterValue),
        ({"p_space": 99}, psycopg.errors.UndefinedObject),
    ],
)
def test_what_cannot_be_answered_is_a_clear_error(shop, named, error):
    with pytest.raises(error) as caught:
        recommend(shop, **named)
    assert caught.value.diag.message_hint


def test_no_active_space_is_a_clear_error(db):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        recommend(db)


def test_values_are_never_spliced_into_sql(shop):
    add_items(shop, seeded(5))
    nasty = "'; DROP TABLE interestream.items; --"
    set_window(shop, nasty, "recent", seeded(1)[0])
    assert len(recommend(shop, nasty)) == 5
    assert recommend(shop, nasty, p_categories=[nasty]) == []


def test_a_reader_may_ask_and_needs_no_search_path(shop):
    add_items(shop, seeded(5))
    set_window(shop, "ann", "recent", seeded(1)[0])
    shop.execute("SET LOCAL search_path = pg_catalog")
    shop.execute("SET LOCAL ROLE interestream_reader")
    assert len(recommend(shop)) == 5


def test_settings_of_the_caller_are_left_as_they_were(shop):
    add_items(shop, seeded(5))
    set_window(shop, "ann", "recent", seeded(1)[0])
    shop.execute("SET LOCAL hnsw.ef_search = 17")
    recommend(shop)
    assert shop.execute("SHOW hnsw.ef_search").fetchone() == ("17",)
    assert shop.execute("SHOW enable_seqscan").fetchone() == ("on",)


@pytest.mark.parametrize(("shorter", "longer"), [(1, 20), (10, 20), (21, 50), (60, 100)])
def test_a_longer_list_begins_like_a_shorter_one(shop, shorter, longer):
    add_items(shop, seeded(300))
    for kind, vector in zip(BLEND, seeded(4, seed=1), strict=True):
        set_window(shop, "ann", kind, vector)
    set_interests(shop, "ann", ["i3", "i4", "i5"])
    interact(shop, "ann", "i3", "like")
    for known in range(0, 300, 2):
        set_neighbors(shop, f"i{known}", {}, 1.0)
    count(shop, "week", {f"i{number}": 200 - number for number in range(0, 120)})
    for user in ("ann", "nobody"):
        whole = [row["item_id"] for row in recommend(shop, user, k=longer)]
        assert [row["item_id"] for row in recommend(shop, user, k=shorter)] == whole[:shorter]


def test_exploring_raises_items_that_nobody_has_liked(shop):
    """By 15 times p_explore, whose share of the score `parts` shows; the chance stays as it is."""
    add_items(shop, seeded(100))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    nearest = np.argsort(-(seeded(100) @ seeded(1, seed=1)[0]))
    unseen = [f"i{number}" for number in nearest[11:14]]
    for number in range(100):
        if f"i{number}" not in unseen:
            set_neighbors(shop, f"i{number}", {}, 1.0)
    without = recommend(shop, k=50, p_explore=0, p_diversity=0)
    plain = {row["item_id"]: row for row in without}
    assert not {row["item_id"] for row in without[:10]} & set(unseen)
    rows = recommend(shop, k=50, p_diversity=0)
    assert set(unseen) <= {row["item_id"] for row in rows[:10]}
    for row in rows:
        before = plain[row["item_id"]]
        more = 1.5 if row["item_id"] in unseen else 0
        assert row["score"] == pytest.approx(before["score"] + more, abs=1e-4)
        assert row["parts"]["chance"] == pytest.approx(before["parts"]["chance"], abs=2e-6)
        assert sum(row["parts"]["score"].values()) == pytest.approx(row["score"], abs=1e-3)
        if row["item_id"] in unseen:
            assert row["source"] == "new"
            assert row["reason"].startswith("New in the catalogue")
    everything = recommend(shop, k=3, p_diversity=0, p_explore=1)
    assert [row["item_id"] for row in everything] == unseen


def test_null_stands_for_the_usual_diversity_and_exploration(shop):
    add_items(shop, seeded(40))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    usual = recommend(shop, p_diversity=0.3, p_explore=0.1)
    assert recommend(shop) == recommend(shop, p_diversity=None, p_explore=None) == usual


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_an_exploration_out_of_range_is_refused(shop, share):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="exploration"):
        recommend(shop, p_explore=share)
