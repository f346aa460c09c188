"""recommend_batch(): the rows of users with a vector, whichever users are asked with them."""

from tests.sql.builders import add_items, interact, seeded, set_interests, set_window

BATCH = "SELECT * FROM interestream.recommend_batch(%s::text[], %s, 1, 0.3, NULL, NULL)"


def fill(db):
    add_items(db, seeded(120))
    for number in range(4):
        user = f"user{number}"
        set_window(db, user, "recent", seeded(4, seed=1)[number])
        set_interests(db, user, [f"i{10 * number + place}" for place in range(number)] or ["i99"])
        interact(db, user, f"i{number}", "like")


def test_users_do_not_change_each_others_rows(shop):
    fill(shop)
    users = ["user3", "nobody", "user0", "user2"]
    together = shop.execute(BATCH, [users, 10]).fetchall()
    alone = [row for user in users for row in shop.execute(BATCH, [[user], 10]).fetchall()]
    assert together == alone
    assert [row[0] for row in together[::10]] == ["user3", "user0", "user2"]


def test_a_user_with_interests_alone_is_served_from_the_first(shop):
    add_items(shop, seeded(50))
    set_interests(shop, "ann", ["i7", "i8"])
    rows = shop.execute(BATCH, [["ann"], 3]).fetchall()
    assert rows[0][2] == "i7"
    assert {row[7] for row in rows} == {"interest"}


def test_weak_interests_count_for_nothing(shop):
    add_items(shop, seeded(50))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    set_interests(shop, "ann", ["i7", "i8"], [0.9, 0.05])
    rows = shop.execute(BATCH, [["ann"], 50]).fetchall()
    assert {row[8] for row in rows} <= {"i7", None}


def test_a_medoid_that_has_no_vector_any_more_is_passed_over(shop):
    add_items(shop, seeded(50))
    set_window(shop, "ann", "recent", seeded(1, seed=1)[0])
    set_interests(shop, "ann", ["gone", "i8"])
    rows = shop.execute(BATCH, [["ann"], 50]).fetchall()
    assert len(rows) == 50
    assert "i8" in {row[8] for row in rows}
