"""recommend_users(): similar users, with what they share counted in Python."""

import numpy as np
import psycopg
import pytest

from tests.sql.builders import (
    add_item,
    add_topic,
    hours_ago,
    interact,
    seeded,
    set_interests,
    set_window,
    speak,
)

TOPICS = {"stars": 0, "soups": 1, "boats": 2, "trains": 3}
AXES = np.eye(8, dtype=np.float32)


def asked(db, user="ann", k=10, **named):
    arguments = "".join(f", {name} => %({name})s" for name in named)
    cursor = db.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(
        f"SELECT * FROM interestream.recommend_users(%(user)s, %(k)s{arguments})",
        {"user": user, "k": k, **named},
    ).fetchall()


@pytest.fixture
def people(shop):
    """Thirty users of mixed interests, and what they liked: {user: {item: hours ago}}."""
    rng = np.random.default_rng(8)
    for topic, axis in TOPICS.items():
        add_topic(shop, topic, AXES[axis])
    for number, vector in enumerate(seeded(20)):
        add_item(shop, f"i{number}", vector)
    liked = {}
    for number in range(30):
        user = "ann" if number == 0 else f"u{number}"
        vector = rng.random(8).astype(np.float32) ** 2
        set_window(shop, user, "recent", vector)
        set_window(shop, user, "topics", vector)
        set_interests(shop, user, ["i0"])
        hours = rng.permutation(200)[:6]
        items = rng.permutation(20)[:6]
        liked[user] = {f"i{item}": int(h) for item, h in zip(items, hours, strict=True)}
        for item, ago in liked[user].items():
            interact(shop, user, item, "like", at=hours_ago(ago))
    return liked


def topics_of(db, user):
    rows = db.execute(
        "SELECT topic FROM interestream.user_topics(%s, 5)"
        " WHERE cosine IS NOT NULL AND share >= 0.05 ORDER BY rank",
        [user],
    ).fetchall()
    return [topic for (topic,) in rows]


def test_rows_are_those_of_similar_users_with_what_both_share(shop, people):
    rows = asked(shop, k=12)
    similar = shop.execute(
        "SELECT rank, user_id, similarity, liked_in_common"
        " FROM interestream.similar_users('ann', 12)"
    ).fetchall()
    assert [
        (row["rank"], row["user_id"], row["similarity"], row["liked_in_common"]) for row in rows
    ] == similar
    own = topics_of(shop, "ann")
    for row in rows:
        theirs = topics_of(shop, row["user_id"])
        assert row["shared_topics"] == [topic for topic in own if topic in theirs]
        common = sorted(
            set(people["ann"]) & set(people[row["user_id"]]), key=lambda item: people["ann"][item]
        )
        assert row["common_item_ids"] == common[:3]
        assert row["common_titles"] == [f"Title {item}" for item in common[:3]]
        for words, told in [
            ("Is interested in", row["shared_topics"]),
            (f'Likes things you like, like "Title {(common or ["?"])[0]}"', common),
            ("Has similar interests", not common and not row["shared_topics"]),
        ]:
            assert (words in row["reason"]) == bool(told), row
    assert any(row["shared_topics"] for row in rows)
    assert any(row["common_item_ids"] for row in rows)


def test_shared_topics_are_named_in_the_language_that_is_asked_for(shop, people):
    shop.execute(
        "INSERT INTO interestream.topic_titles VALUES ('zh', 'stars', '星'), ('zh', 'soups', '星')"
    )
    before = asked(shop, k=12)
    speak(shop, "zh")
    for row, plain in zip(asked(shop, k=12), before, strict=True):
        titles = [
            "星" if topic in ("stars", "soups") else topic for topic in plain["shared_topics"]
        ]
        assert row["shared_topics"] == titles
        if titles:
            assert f"也对{'、'.join(titles[:2])}感兴趣。" in row["reason"]


def test_those_who_are_named_are_left_out_and_others_move_up(shop, people):
    whole = [row["user_id"] for row in asked(shop, k=12)]
    rows = asked(shop, k=10, p_exclude_users=[whole[0], whole[3], "nobody"])
    assert [row["user_id"] for row in rows] == [*whole[1:3], *whole[4:12]]
    assert [row["rank"] for row in rows] == list(range(1, 11))


def test_who_opts_out_is_neither_shown_nor_answered(shop, people):
    gone = asked(shop, k=1)[0]["user_id"]
    # What the job does; the interactions stay.
    for table in ("users", "user_windows"):
        shop.execute(f"DELETE FROM interestream.{table} WHERE user_id = %s", [gone])
    assert gone not in {row["user_id"] for row in asked(shop, k=30)}
    assert asked(shop, user=gone) == []


def test_what_cannot_be_asked_is_a_clear_error(shop):
    for arguments, error in [
        ("NULL", psycopg.errors.NullValueNotAllowed),
        ("'ann', 0", psycopg.errors.InvalidParameterValue),
        ("'ann', 10, 77", psycopg.errors.UndefinedObject),
    ]:
        with pytest.raises(error), shop.transaction():
            shop.execute(f"SELECT * FROM interestream.recommend_users({arguments})")
