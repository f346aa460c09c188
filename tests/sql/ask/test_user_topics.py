"""user_topics(), topic_shares(), nearest_topic(): shares against a softmax in numpy."""

import numpy as np
import psycopg
import pytest

from tests.sql import builders
from tests.sql.builders import NOON, add_topic, seeded, set_window, unit

AXES = np.eye(8, dtype=np.float32)


def topics(db, user="ann", **named):
    arguments = "".join(f", {name} => %({name})s" for name in named)
    cursor = db.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(
        f"SELECT * FROM interestream.user_topics(%(user)s{arguments})", {"user": user, **named}
    ).fetchall()


def named(rows):
    return [row["topic"] for row in rows]


@pytest.fixture
def known(shop):
    add_topic(shop, "stars", AXES[0])
    add_topic(shop, "soups", AXES[1])
    add_topic(shop, "boats", AXES[2])
    set_window(shop, "ann", "topics", AXES[0] + 0.7 * AXES[1])
    return shop


def test_the_shares_are_a_softmax_over_all_topics_and_the_cosine_of_none(shop):
    vectors = seeded(12, seed=3)
    for number, vector in enumerate(vectors):
        add_topic(shop, f"topic {number}", vector)
    window = builders.stored(unit(seeded(1, seed=4)))[0]
    set_window(shop, "ann", "topics", window)
    cosines = vectors @ window
    weights = np.exp(np.append(cosines, 0.15) / 0.05)
    order = np.argsort(-cosines)[:5]
    expected = weights[order] / weights.sum()
    rows = topics(shop)
    assert named(rows) == [*(f"topic {number}" for number in order), "other"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["share"] for row in rows[:5]] == pytest.approx(expected.tolist(), rel=1e-2)
    assert [row["cosine"] for row in rows[:5]] == pytest.approx(cosines[order].tolist(), abs=1e-3)
    assert rows[-1]["share"] == pytest.approx(1 - expected.sum(), abs=1e-2)


@pytest.mark.parametrize("k", [1, 2, 3, 50])
def test_the_shares_add_up_to_one_however_many_are_asked_for(known, k):
    rows = topics(known, p_k=k)
    assert sum(row["share"] for row in rows) == pytest.approx(1, abs=1e-6)
    assert len(rows) == min(k, 3) + 1
    assert rows[-1]["topic"] == "other"


def test_a_user_near_no_topic_is_mostly_other(known):
    set_window(known, "eve", "topics", AXES[7])
    rows = topics(known, "eve")
    assert rows[-1]["share"] > 0.8
    assert max(row["share"] for row in rows[:-1]) < 0.1


def test_without_a_topics_window_the_blend_of_the_others_stands_in(known):
    set_window(known, "bob", "recent", AXES[2])
    set_window(known, "bob", "dislikes", AXES[0])
    rows = topics(known, "bob", p_k=1)
    assert named(rows) == ["boats", "other"]
    assert rows[0]["cosine"] == pytest.approx(1)
    assert rows[0]["as_of"] == NOON


def test_only_topics_of_the_asked_space_count(known):
    other = builders.add_space(known, sha256="bb")
    add_topic(known, "boats", AXES[0], space=other)
    set_window(known, "ann", "topics", AXES[0], space=other)
    assert named(topics(known, p_space=other)) == ["boats", "other"]
    assert named(topics(known, p_k=1)) == ["stars", "other"]


def test_a_space_without_topics_leaves_everything_to_other(shop):
    set_window(shop, "ann", "topics", AXES[0])
    assert [(row["topic"], row["share"]) for row in topics(shop)] == [("other", 1.0)]


def test_an_unknown_user_has_no_topics(known):
    assert topics(known, "nobody") == []


def test_a_lower_temperature_sharpens_the_shares(known):
    before = topics(known)[0]["share"]
    known.execute(
        "UPDATE interestream.topic_settings SET value = 0.01 WHERE setting = 'temperature'"
    )
    assert topics(known)[0]["share"] > before


def test_nonsense_is_a_clear_error(known):
    for user, k in ((None, 5), ("ann", 0), ("ann", None)):
        with pytest.raises(psycopg.DataError), known.transaction():
            topics(known, user, p_k=k)


def test_the_nearest_topic_has_a_name_only_where_it_is_near_enough(known):
    def nearest(vector):
        query = "SELECT interestream.nearest_topic(%s::halfvec, 1)"
        return known.execute(query, [builders.text(vector)]).fetchone()[0]

    assert nearest(unit(AXES[1] + 0.5 * AXES[2])) == "soups"
    assert nearest(unit(AXES[7] + 0.1 * AXES[0])) is None


def test_other_is_no_name_for_a_topic(shop):
    with pytest.raises(psycopg.errors.CheckViolation):
        add_topic(shop, "other", AXES[0])


def test_names_are_in_the_language_that_is_asked_for(shop):
    add_topic(shop, "music", AXES[0])
    add_topic(shop, "tea", AXES[1])
    set_window(shop, "ann", "topics", AXES[0] + 0.7 * AXES[1])
    assert named(topics(shop)) == ["music", "tea", "other"]
    builders.speak(shop, "zh-CN,en")
    assert named(topics(shop)) == ["音乐", "tea", "其他"]
