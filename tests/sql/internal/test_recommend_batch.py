"""recommend_batch(): the rows of users with a vector, whichever users are asked with them."""

import numpy as np
import pytest

from tests.sql.builders import add_items, interact, seeded, set_interests, set_window, unit

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
    assert shop.execute(BATCH, [["ann"], 20]).fetchall()[:5] == best


@pytest.mark.parametrize("found_again", [0, 1, 140])
def test_what_a_strayed_search_found_stays_unless_it_finds_as_much_elsewhere(shop, found_again):
    tear_apart(shop)
    # The search for the north strays to items in the east that the one for the east does not find.
    shop.execute(
        STRAYING.replace(
            "< -0.6",
            "< -0.6 AND (substr(f.item_id, 2)::integer < 600) = (p_vectors[f.query]"
            " <#> '[1,-1,0,0,0,0,0,0]'::halfvec < 0)",
        ).replace(
            "n.place <= p_limit", f"n.place <= CASE WHEN p_complete THEN 140 ELSE {found_again} END"
        )
    )
    rows = shop.execute(BATCH, [["ann"], 120]).fetchall()
    numbers = [int(row[2][1:]) for row in rows]
    assert len(numbers) == 120
    assert any(number < 600 for number in numbers)
    assert any(600 <= number < 1200 for number in numbers) == (found_again < 140)
    assert sum(number >= 1200 for number in numbers) >= min(found_again, 20)
