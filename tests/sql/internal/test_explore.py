"""explore(): room for items that nobody has liked yet."""

import pytest

EXPLORE = "SELECT interestream.explore(%s::integer[], %s::real[], %s::boolean[], %s, %s)"


def explore(db, picks, unseen, share, candidates=20, scores=None):
    flags = [place in unseen for place in range(1, candidates + 1)]
    scores = scores or [1 - place / 1000 for place in range(candidates)]
    return db.execute(EXPLORE, [picks, scores, flags, len(picks), share]).fetchone()[0]


def test_the_best_unseen_item_takes_the_tenth_place(shop):
    assert explore(shop, list(range(1, 11)), {15, 17}, 0.1) == [*range(1, 10), 15]


def test_a_list_that_has_one_stays(shop):
    assert explore(shop, list(range(1, 11)), {4, 15}, 0.1) == list(range(1, 11))


def test_none_is_asked_for_or_there_is_none(shop):
    assert explore(shop, [1, 2, 3], {15}, 0.0) == [1, 2, 3]
    assert explore(shop, list(range(1, 11)), set(), 0.5) == list(range(1, 11))


def test_half_of_the_places(shop):
    assert explore(shop, [1, 2, 3, 4], {11, 12}, 0.5) == [1, 11, 2, 12]


def test_all_places_as_far_as_there_are_such_items(shop):
    assert explore(shop, [1, 2, 3], {11, 12}, 1.0) == [11, 12, 1]


def test_an_item_further_down_moves_up_and_comes_once(shop):
    assert explore(shop, [1, 2, 3, 9], {9}, 0.5) == [1, 9, 2, 3]


@pytest.mark.parametrize("share", [0.1, 0.15, 0.33, 0.5, 1.0])
def test_a_shorter_list_is_the_beginning_of_a_longer_one(shop, share):
    unseen = {3, 11, 14, 16, 17, 20}
    longest = explore(shop, list(range(1, 21)), unseen, share)
    assert sorted(longest) == sorted(set(longest))
    for k in range(1, 20):
        assert explore(shop, list(range(1, k + 1)), unseen, share) == longest[:k]


def test_an_item_without_a_chance_takes_no_place(shop):
    """At a share of 0.1 the score of a place may fall by 2, at 0.5 by 10."""
    scores = [5.0] * 10 + [3.1] + [2.9] * 9
    first = list(range(1, 11))
    assert explore(shop, first, {11}, 0.1, scores=scores) == [*range(1, 10), 11]
    assert explore(shop, first, {12}, 0.1, scores=scores) == first
    assert explore(shop, [1, 2], {12}, 0.5, scores=scores) == [1, 12]
