"""engaged_topics(): user_topics() by the names of the topics, whatever language is asked for."""

import numpy as np

from tests.sql.builders import add_topic, set_window, speak

AXES = np.eye(8, dtype=np.float32)


def topics(db, function, user="ann"):
    return db.execute(f"SELECT * FROM interestream.{function}(%s, 2, 1)", [user]).fetchall()


def test_names_stay_as_they_are_in_any_language(shop):
    add_topic(shop, "music", AXES[0])
    add_topic(shop, "history", AXES[1])
    set_window(shop, "ann", "topics", AXES[0] + 0.7 * AXES[1])
    before = topics(shop, "engaged_topics")
    assert [row[1] for row in before] == ["music", "history", "other"]
    assert topics(shop, "user_topics") == before
    speak(shop, "zh")
    assert topics(shop, "engaged_topics") == before
    said = topics(shop, "user_topics")
    assert [row[1] for row in said] == ["音乐", "历史", "其他"]
    assert [(row[0], *row[2:]) for row in said] == [(row[0], *row[2:]) for row in before]


def test_an_unknown_user_has_none(shop):
    assert topics(shop, "engaged_topics", "nobody") == []
