"""recommend_topics(): topics that are near, new to the user and rising, against numpy."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    add_item,
    add_topic,
    hours_ago,
    interact,
    seeded,
    set_window,
    speak,
    stored,
    unit,
)
from tests.sql.internal.test_trending_horizon import add_trend, add_window

N = 80
ITEMS = seeded(N)
TOPICS = seeded(25, seed=3)
WINDOW = seeded(1, seed=4)[0]


def asked(db, user="ann", k=5, **named):
    arguments = "".join(f", {name} => %({name})s" for name in named)
    cursor = db.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(
        f"SELECT * FROM interestream.recommend_topics(%(user)s, %(k)s{arguments})",
        {"user": user, "k": k, **named},
    ).fetchall()


@pytest.fixture
def catalogue(shop):
    """25 topics, 80 items of which ann liked some near her window, and one that she dislikes."""
    for number, vector in enumerate(TOPICS):
        add_topic(shop, f"t{number:02}", vector)
    for number, vector in enumerate(ITEMS):
        add_item(shop, f"i{number}", vector)
    nearest = np.argsort(-(ITEMS @ WINDOW))
    for place, number in enumerate(nearest[:8]):
        action = "dislike" if place == 7 else "like"
        interact(shop, "ann", f"i{number}", action, at=hours_ago(int(place)))
    set_window(shop, "ann", "recent", WINDOW)
    return [int(number) for number in nearest[:8]]


def nearest_topic(vector):
    cosines = TOPICS @ vector
    return int(np.argmax(cosines)) if cosines.max() >= 0.15 else None


def expected(touched, rises):
    """(score, topic, cosine, nearest liked item) of topics that ann has not had, best first."""
    had = {nearest_topic(ITEMS[number]) for number in touched}
    liked = touched[:7]
    rows = []
    for number, topic in enumerate(TOPICS):
        if number in had:
            continue
        cosines = ITEMS[liked] @ topic
        cosine = max(float(stored(unit(WINDOW)) @ topic), float(cosines.max()))
        rise = max(rises.get(number, 0), 0)
        if cosine >= 0.2:
            score = cosine + 0.15 * rise / (rise + 3)
            rows.append((score, f"t{number:02}", cosine, f"i{liked[int(np.argmax(cosines))]}"))
    return sorted(rows, reverse=True)


def check(rows, wanted):
    assert [row["topic"] for row in rows] == [topic for _, topic, *_ in wanted]
    assert [row["rank"] for row in rows] == list(range(1, len(wanted) + 1))
    for row, (score, _, cosine, item) in zip(rows, wanted, strict=True):
        assert row["score"] == pytest.approx(score, abs=2e-3)
        assert row["cosine"] == pytest.approx(cosine, abs=2e-3)
        assert (row["near_item_id"], row["near_title"]) == (item, f"Title {item}")


def test_near_topics_come_that_the_user_has_not_had(shop, catalogue):
    wanted = expected(catalogue, {})
    assert 5 < len(wanted) < 25
    rows = asked(shop, k=25)
    check(rows, wanted)
    seen = {f"Title i{number}" for number in catalogue}
    for row in rows:
        order = np.argsort(-(ITEMS @ TOPICS[int(row["topic"][1:])]))
        titles = [f"Title i{n}" for n in order if f"Title i{n}" not in seen]
        assert row["titles"] == titles[:3]
        assert (row["rise"], row["interactions"]) == (None, 0)
        assert row["reason"] == f'Near what you like, such as "{row["near_title"]}".'
    check(asked(shop, k=2, p_titles=1), wanted[:2])


def test_a_topic_that_rises_comes_earlier(shop, catalogue):
    last = expected(catalogue, {})[4]
    number = int(last[1][1:])
    # One item of the topic has all interactions of the day; others had those of the week.
    of_it = next(
        n for n in np.argsort(-(ITEMS @ TOPICS[number])) if nearest_topic(ITEMS[n]) == number
    )
    other = next(n for n in range(N) if nearest_topic(ITEMS[n]) not in (None, number))
    add_trend(shop, "day", f"i{of_it}", 90, 90.0, 90)
    add_trend(shop, "day", f"i{other}", 10, 10.0, 1010)
    add_window(shop, "day", 100)
    add_window(shop, "week", 1100)
    rises = {number: 90.0, nearest_topic(ITEMS[other]): (10 - 100) / np.sqrt(101)}
    wanted = expected(catalogue, rises)
    assert [topic for _, topic, *_ in wanted].index(last[1]) < 4
    rows = asked(shop, k=25)
    check(rows, wanted)
    (row,) = [row for row in rows if row["topic"] == last[1]]
    assert row["rise"] == pytest.approx(90.0)
    assert row["interactions"] == 90
    assert row["reason"].startswith("On the rise, and near what you like")


def test_a_topic_that_is_not_near_is_not_named_even_if_it_rises(shop):
    """Two topics, at a cosine of 0.19 and 0.21 with ann's window; the first one rises."""
    basis = np.eye(8, dtype=np.float32)
    liked, item = basis[0], stored(unit(0.19 * basis[0] + basis[1]))
    for name, cosine, axis in (("far", 0.19, 1), ("near", 0.21, 2)):
        add_topic(shop, name, np.float32(cosine) * liked + np.sqrt(1 - cosine**2) * basis[axis])
    add_item(shop, "far item", item)
    set_window(shop, "ann", "recent", liked)
    add_trend(shop, "day", "far item", 90, 90.0, 90)
    add_window(shop, "day", 100)
    add_window(shop, "week", 1100)
    assert [row["topic"] for row in asked(shop)] == ["near"]
    shop.execute(
        "UPDATE interestream.topic_settings SET value = 0.14 WHERE setting = 'other_cosine'"
    )
    assert sorted(row["topic"] for row in asked(shop)) == ["far", "near"]


def test_a_topic_has_its_title_in_the_language_that_is_asked_for(shop):
    basis = np.eye(8, dtype=np.float32)
    add_topic(shop, "music", unit(basis[0] + basis[1]))
    add_topic(shop, "tea", unit(basis[0] + 2 * basis[2]))
    set_window(shop, "ann", "recent", basis[0])
    assert [row["topic"] for row in asked(shop)] == ["music", "tea"]
    speak(shop, "zh")
    rows = asked(shop)
    assert [row["topic"] for row in rows] == ["音乐", "tea"]
    assert rows[0]["reason"] == "接近你的喜好。"


def test_who_has_no_windows_has_no_topics(shop, catalogue):
    assert asked(shop, user="nobody") == []
    shop.execute("DELETE FROM interestream.user_windows")
    assert asked(shop) == []


def test_what_cannot_be_asked_is_a_clear_error(shop):
    for arguments, error in [
        ("NULL", psycopg.errors.NullValueNotAllowed),
        ("'ann', 0", psycopg.errors.InvalidParameterValue),
        ("'ann', 5, 77", psycopg.errors.UndefinedObject),
    ]:
        with pytest.raises(error), shop.transaction():
            shop.execute(f"SELECT * FROM interestream.recommend_topics({arguments})")
