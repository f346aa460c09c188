"""learned(): what counts, in words."""

import pytest

from tests.sql.internal.test_popularity import count


def learn(db, segment, source, delta):
    db.execute(
        "INSERT INTO interestream.learned_weights VALUES (1, %s, %s, %s, 1)",
        [segment, source, delta],
    )


def set_all(db, **weights):
    db.execute("DELETE FROM interestream.source_weights")
    for segment in ("none", "few"):
        for source, weight in weights.items():
            db.execute(
                "INSERT INTO interestream.source_weights VALUES (%s, %s, %s)",
                [segment, source, weight],
            )


def test_what_counts_is_said_in_words_most_first(shop):
    set_all(shop, text=3.0, neighbors=1.0, popular_day=0.5, popular_week=0.25)
    for horizon in ("day", "week"):
        count(shop, horizon, {"a": 9})
    learn(shop, "all", "neighbors", 3.5)
    learn(shop, "none", "popular_day", 9.0)
    shop.execute("INSERT INTO interestream.learning VALUES (1, 'few', 120, 100, 43)")
    none, few, many = shop.execute("SELECT * FROM interestream.learned()").fetchall()
    assert none[:4] == (
        "none",
        0,
        None,
        "For users who have liked nothing yet, what counts most is what is popular (9.8 in all,"
        " above all today: 9.5), then what others liked next (4.5), then texts like those of what"
        " they liked (3.0).",
    )
    assert few[:4] == (
        "few",
        120,
        pytest.approx(0.43),
        "For users who liked up to 4 items, what counts most is what others liked next (4.5), then"
        " texts like those of what they liked (3.0), then what is popular (0.8 in all, above"
        " all today: 0.5).",
    )
    assert few[4] == {"text": 3.0, "neighbors": 4.5, "popular_day": 0.5, "popular_week": 0.25}
    assert many[3] == "For users who liked 5 items and more, nothing counts."


def test_weights_are_bounded(shop):
    set_all(shop, text=3.0, neighbors=1.0)
    learn(shop, "all", "text", 30.0)
    learn(shop, "few", "neighbors", -30.0)
    weights = shop.execute("SELECT weights FROM interestream.learned()").fetchall()[1][0]
    assert weights == {"text": 20.0, "neighbors": -20.0}


def test_what_counts_alone_is_followed_by_nothing(shop):
    set_all(shop, neighbors=2.0)
    few = shop.execute("SELECT words FROM interestream.learned()").fetchall()[1][0]
    assert few == (
        "For users who liked up to 4 items, what counts most is what others liked next (2.0)."
    )


def test_before_the_first_question_is_learned_from_the_share_is_not_known(shop):
    shop.execute("INSERT INTO interestream.learning VALUES (1, 'few', 0, 7, 0)")
    few = shop.execute("SELECT questions, found FROM interestream.learned()").fetchall()[1]
    assert few == (0, None)
