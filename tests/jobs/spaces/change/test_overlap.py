"""The share of recommendations that two spaces have in common."""

import pytest

from jobs.errors import InterestreamError
from jobs.spaces.change.overlap import recommendation_overlap


def test_items_without_a_vector_are_recommended_as_new_ones(two_spaces):
    overlap = recommendation_overlap(two_spaces, 1, 2, users=10)
    assert overlap is not None
    assert (overlap.users, overlap.mean) == (2, 1.0)


def test_the_overlap_is_the_mean_over_users_of_the_items_in_common(two_spaces):
    def recommended(user, space):
        rows = two_spaces.execute(
            "SELECT item_id FROM interestream.recommend(%s, 2, p_space => %s)", [user, space]
        )
        return {row[0] for row in rows}

    expected = sum(len(recommended(user, 1) & recommended(user, 2)) / 2 for user in ("ann", "bob"))
    overlap = recommendation_overlap(two_spaces, 1, 2, users=10, k=2)
    assert overlap is not None
    assert overlap.mean == expected / 2


def test_inside_a_transaction_the_overlap_is_refused(two_spaces):
    with (
        two_spaces.transaction(),
        pytest.raises(InterestreamError, match="outside of a transaction"),
    ):
        recommendation_overlap(two_spaces, 1, 2)
