"""recommend_batch(): the rows of users with a vector, whichever users are asked with them."""

from datetime import timedelta

import numpy as np
import pytest

from tests.sql.builders import (
    NOON,
    add_items,
    interact,
    seeded,
    set_interests,
    set_window,
    show,
    unit,
)
from tests.sql.internal.test_neighbor_items import set_neighbors
from tests.sql.internal.test_popularity import count

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


EAST, NORTH = np.eye(8, dtype=np.float32)[:2]
STRAYING = """
ALTER FUNCTION interestream.nearest_items RENAME TO nearest_items_indeed;
CREATE FUNCTION interestream.nearest_items(
    p_space integer, p_vectors halfvec[], p_limit integer, p_users text[],
    p_filter interestream.item_filter, p_exclude text[], p_walk integer, p_ef_search integer,
    p_complete boolean DEFAULT true
) RETURNS TABLE (query integer, item_id text, embedding halfvec, similarity real)
LANGUAGE sql
BEGIN ATOMIC
    SELECT n.query, n.item_id, n.embedding, n.similarity
    FROM (
        SELECT f.*, row_number() OVER (PARTITION BY f.query ORDER BY f.similarity DESC) AS place
        FROM interestream.nearest_items_indeed(
            p_space, p_vectors, 3000, p_users, p_filter, p_exclude, p_walk, p_ef_search,
            p_complete
        ) AS f
        WHERE f.embedding <#> '[1,0,0,0,0,0,0,0]'::halfvec < -0.6
            OR p_vectors[f.query] <#> '[0,1,0,0,0,0,0,0]'::halfvec < -0.9
    ) AS n
    WHERE n.place <= p_limit
    ORDER BY n.query, n.place;
END;
"""


def tear_apart(db):
    """Enough items for a walk; half around the one interest, half around the other."""
    noise = 0.05 * np.random.default_rng(3).normal(size=(2400, 8)).astype(np.float32)
    vectors = unit(np.repeat([EAST, NORTH], 1200, axis=0) + noise)
    vectors[[0, 1200]] = EAST, NORTH
    add_items(db, vectors)
    set_window(db, "ann", "recent", unit(EAST + NORTH))
    set_interests(db, "ann", ["i0", "i1200"], [0.5, 0.5])


def test_an_interest_whose_walk_ends_in_another_ones_region_is_searched_again(shop):
    tear_apart(shop)
    best = shop.execute(BATCH, [["ann"], 20]).fetchall()[:5]
    assert {int(row[2][1:]) < 1200 for row in best} == {True, False}
    # A walk through the index strays seldom, and not at will: here each does that is not near.
    shop.execute(STRAYING)
    again = shop.execute(BATCH, [["ann"], 20]).fetchall()[:5]
    # The chance depends on all that was found.
    assert [row[:12] for row in again] == [row[:12] for row in best]


@pytest.mark.parametrize("found_again", [0, 1, 220])
def test_what_a_strayed_search_found_stays_unless_it_finds_as_much_elsewhere(shop, found_again):
    tear_apart(shop)
    # The search for the north strays to items in the east that the one for the east does not find.
    shop.execute(
        STRAYING.replace(
            "< -0.6",
            "< -0.6 AND (substr(f.item_id, 2)::integer < 600) = (p_vectors[f.query]"
            " <#> '[1,-1,0,0,0,0,0,0]'::halfvec < 0)",
        ).replace(
            "n.place <= p_limit", f"n.place <= CASE WHEN p_complete THEN 220 ELSE {found_again} END"
        )
    )
    rows = shop.execute(BATCH, [["ann"], 120]).fetchall()
    numbers = [int(row[2][1:]) for row in rows]
    assert len(numbers) == 120
    assert any(number < 600 for number in numbers)
    assert any(600 <= number < 1200 for number in numbers) == (found_again < 220)
    assert sum(number >= 1200 for number in numbers) >= min(found_again, 20)


def with_sources(db):
    """Ann likes i0, whose neighbour i7 no text would find; i9 is what everybody looks at."""
    add_items(db, seeded(40))
    set_window(db, "ann", "recent", seeded(40)[0])
    set_interests(db, "ann", ["i0"])
    interact(db, "ann", "i0", "like")
    set_neighbors(db, "i0", {"i7": 4.0, "i8": 1.0}, 4.0)
    for item in ("i7", "i8"):
        set_neighbors(db, item, {}, 4.0)
    count(db, "week", {"i9": 99, "i5": 1})
    db.execute("DELETE FROM interestream.source_weights")
    for segment, neighbors in (("few", 0.75), ("many", 1.65)):
        for source, weight in (("text", 1.0), ("neighbors", neighbors), ("popular_week", 2.0)):
            db.execute(
                "INSERT INTO interestream.source_weights VALUES (%s, %s, %s)",
                [segment, source, weight],
            )


def test_neighbours_and_what_is_popular_are_candidates_with_a_reason_of_their_own(shop):
    with_sources(shop)
    rows = {row[2]: row for row in shop.execute(BATCH, [["ann"], 5]).fetchall()}
    assert rows["i7"][6:10] == ('Often next after "Title i0".', "neighbor", "i0", "Title i0")
    assert rows["i9"][6:10] == ("Popular this week.", "popular_week", None, None)


def test_the_parts_of_a_score_add_up_to_it(shop):
    with_sources(shop)
    set_window(shop, "ann", "dislikes", seeded(40)[3])
    rows = shop.execute(BATCH, [["ann"], 30]).fetchall()
    assert len(rows) == 30
    for row in rows:
        assert sum(row[12]["score"].values()) == pytest.approx(row[5], abs=3e-4)


def test_a_neighbour_counts_by_the_root_of_its_share_and_the_weight_of_the_segment(shop):
    with_sources(shop)
    rows = {row[2]: row[12] for row in shop.execute(BATCH, [["ann"], 30]).fetchall()}
    assert rows["i7"]["score"]["neighbors"] == pytest.approx(0.75, abs=1e-4)
    assert rows["i8"]["score"]["neighbors"] == pytest.approx(0.375, abs=1e-4)
    for number in range(10, 15):
        interact(shop, "ann", f"i{number}", "like")
    rows = {row[2]: row[12] for row in shop.execute(BATCH, [["ann"], 30]).fetchall()}
    assert rows["i7"]["score"]["neighbors"] == pytest.approx(1.65, abs=1e-4)


def test_a_session_can_ask_for_the_searches_by_text_alone(shop):
    with_sources(shop)
    shop.execute("SET LOCAL interestream.sources = 'text'")
    rows = shop.execute(BATCH, [["ann"], 30]).fetchall()
    assert {row[7] for row in rows} <= {"recent", "interest"}
    assert all(row[12]["score"]["neighbors"] == 0 for row in rows)


def test_weights_and_features_next_to_nothing_are_no_error(shop):
    """Postgres refuses a product that its type would round to 0."""
    with_sources(shop)
    for source, weight in (("new", 0.0), ("unseen", 1e-30)):
        shop.execute(
            "INSERT INTO interestream.source_weights VALUES ('few', %s, %s)", [source, weight]
        )
    for segment, delta in (("all", 1e-30), ("few", -1e-300)):
        shop.execute(
            "INSERT INTO interestream.learned_weights VALUES (1, %s, 'new', %s, 1)",
            [segment, delta],
        )
    shop.execute("UPDATE interestream.items SET published_at = %s", [NOON - timedelta(days=900)])
    shop.execute(
        "UPDATE interestream.item_neighbors SET strengths = '{1, 1e-37}' WHERE item_id = 'i0'"
    )
    rows = shop.execute(BATCH, [["ann"], 30]).fetchall()
    assert len(rows) == 30
    assert {row[12]["score"]["new"] for row in rows} == {0}


def test_what_was_shown_in_vain_sinks_by_its_weight_and_for_this_user_alone(shop):
    with_sources(shop)
    shop.execute("INSERT INTO interestream.source_weights VALUES ('few', 'shown', -2)")
    set_window(shop, "bob", "recent", seeded(40)[0])
    interact(shop, "bob", "i0", "like")
    before = {row[0] + row[2]: row for row in shop.execute(BATCH, [["ann", "bob"], 39]).fetchall()}
    show(shop, "ann", "i7", *[NOON] * 3)
    after = {row[0] + row[2]: row for row in shop.execute(BATCH, [["ann", "bob"], 39]).fetchall()}
    assert after["anni7"][12]["score"]["shown"] == pytest.approx(-2 * 3 / 6)
    assert after["anni7"][5] == pytest.approx(before["anni7"][5] - 1, abs=1e-3)
    assert after["anni7"][1] > before["anni7"][1]
    assert sum(after["anni7"][12]["score"].values()) == pytest.approx(after["anni7"][5], abs=3e-4)
    assert after["bobi7"] == before["bobi7"]
    assert after["anni7"][12]["segment"] == "few"
