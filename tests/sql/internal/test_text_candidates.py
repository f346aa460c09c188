"""text_candidates(): what searches by text find for each of several users."""

import numpy as np

from tests.sql.builders import add_items, interact, seeded, text

TEXT_CANDIDATES = """
SELECT user_number, array_agg(item_id)
FROM interestream.text_candidates(
    1, %s, %s::halfvec[], %s::halfvec[], %s::halfvec[], %s::real[], %s
)
GROUP BY user_number
"""


def text_candidates(db, users, blends, medoids, *, pool=5):
    """Items by number of the user; a vector may be None."""

    def written(vectors):
        return [None if vector is None else text(vector) for vector in vectors]

    nothing = [None] * len(users)
    rows = db.execute(
        TEXT_CANDIDATES,
        [users, written(blends), written(medoids), nothing, nothing, pool],
    ).fetchall()
    return dict(rows)


def nearest(vector, count, without=()):
    order = np.argsort(-(seeded(60) @ vector))
    ids = [f"i{number}" for number in order]
    return set([item for item in ids if item not in without][:count])


def test_each_user_has_the_nearest_of_each_search_and_nothing_seen(shop):
    add_items(shop, seeded(60))
    ann, bob = seeded(2, seed=3)
    seen = sorted(nearest(ann, 2))
    for item in seen:
        interact(shop, "ann", item, "like")
    found = text_candidates(shop, ["ann", "bob"], [ann, bob], [ann, None, None, bob, None, None])
    assert set(found[1]) == nearest(ann, 5, seen)
    assert set(found[2]) == nearest(bob, 5)


def test_interests_that_lie_apart_are_searched_apart(shop):
    add_items(shop, seeded(60))
    first, second = seeded(2, seed=3)
    one = text_candidates(shop, ["ann"], [first], [first, None, None])
    both = text_candidates(shop, ["ann"], [first], [first, second, None])
    same = text_candidates(shop, ["ann"], [first], [first, first, None])
    assert len(one[1]) == len(same[1]) == 5
    assert len(both[1]) == 10


def test_a_user_without_a_vector_has_no_search(shop):
    add_items(shop, seeded(60))
    (vector,) = seeded(1, seed=3)
    found = text_candidates(
        shop, ["ann", "bob"], [None, vector], [None, None, None, vector, None, None]
    )
    assert set(found) == {2}
    assert text_candidates(shop, ["ann"], [None], [None] * 3) == {}
