"""recommend_many(): what recommend() says of each user, in one call."""

import psycopg
import pytest

from tests.sql.builders import (
    add_items,
    add_space,
    add_vector,
    interact,
    seeded,
    set_interests,
    set_window,
)

COLUMNS = "rank, item_id, title, categories, score, reason, source, source_item_id, parts"


@pytest.fixture
def crowd(shop):
    """Twenty users with windows, interests, seen items and dislikes of their own."""
    add_items(shop, seeded(300))
    directions = seeded(60, seed=1)
    for number in range(20):
        user = f"user{number}"
        set_window(shop, user, "recent", directions[3 * number])
        set_window(shop, user, "month", directions[3 * number + 1])
        if number % 2:
            set_window(shop, user, "dislikes", directions[3 * number + 2])
        if number % 3:
            medoids = [f"i{10 * number + place}" for place in range(number % 3 + 1)]
            set_interests(shop, user, medoids)
        for seen in range(number, 300, 10):
            interact(shop, user, f"i{seen}", "like")
    return shop


def many(db, users, k=10, more=""):
    return db.execute(
        f"SELECT user_id, {COLUMNS} FROM interestream.recommend_many(%s::text[], %s{more})",
        [users, k],
    ).fetchall()


def one(db, user, k=10, more=""):
    return db.execute(
        f"SELECT %s, {COLUMNS} FROM interestream.recommend(%s, %s{more})", [user, user, k]
    ).fetchall()


@pytest.mark.parametrize("more", ["", ", p_diversity => 0", ", p_exclude => '{i1,i2,i3,i4}'"])
def test_each_user_gets_what_recommend_says(crowd, more):
    users = [f"user{number}" for number in range(20)] + ["nobody"]
    found = many(crowd, users, more=more)
    assert len(found) == 10 * len(users)
    for user in users:
        assert [row for row in found if row[0] == user] == one(crowd, user, more=more)


def test_each_user_gets_what_passes_the_filter(crowd):
    crowd.execute("UPDATE interestream.items SET language = 'de' WHERE item_id LIKE 'i%7'")
    more = ", p_filter => interestream.item_filter(p_languages => '{de}')"
    found = many(crowd, ["user1", "user7", "user12"], more=more)
    assert {row[2][-1] for row in found} == {"7"}
    assert [row for row in found if row[0] == "user12"] == one(crowd, "user12", more=more)
    assert not [row for row in found if row[0] == "user7"]  # has seen them all


def test_a_user_named_twice_is_answered_once(crowd):
    assert many(crowd, ["user3", "user1", "user3"]) == many(crowd, ["user3", "user1"])


def test_nobody_asked_nobody_answered(crowd):
    assert many(crowd, []) == []


def test_users_keep_their_order(crowd):
    users = ["user9", "user2", "nobody", "user11"]
    assert list(dict.fromkeys(row[0] for row in many(crowd, users))) != []
    assert {row[0] for row in many(crowd, users)} == set(users)


def test_a_space_is_asked_for_its_own_vectors(crowd):
    second = add_space(crowd, dim=4, sha256="bb")
    for number, vector in enumerate(seeded(50, dim=4, seed=5)):
        add_vector(crowd, f"i{number}", vector, space=second)
    set_window(crowd, "user1", "recent", seeded(1, dim=4)[0], space=second)
    found = many(crowd, ["user1"], k=5, more=f", p_space => {second}")
    assert found == one(crowd, "user1", k=5, more=f", p_space => {second}")
    assert found != many(crowd, ["user1"], k=5)


@pytest.mark.parametrize("users", [None, ["ann", None]])
def test_no_user_is_a_clear_error(crowd, users):
    with pytest.raises(psycopg.errors.NullValueNotAllowed) as caught:
        many(crowd, users)
    assert caught.value.diag.message_hint
