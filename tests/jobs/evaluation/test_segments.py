"""Segments of questions."""

import numpy as np

from jobs.evaluation.segments import segments


def test_every_question_is_in_one_segment_of_users():
    before_user = np.arange(40) % 14
    found = dict(segments(before_user, np.ones(40, dtype=np.int64)))
    assert np.array_equal(sum(mask.astype(int) for mask in found.values()), np.ones(40))
    assert set(before_user[found["user: 1-2 before"]]) == {1, 2}
    assert set(before_user[found["user: 3-9 before"]]) == set(range(3, 10))
    assert before_user[found["user: 10 and more before"]].min() == 10


def test_new_items_are_a_segment_beside_those_of_users():
    found = dict(segments(np.array([5, 5]), np.array([0, 1])))
    assert found["item: none before"].tolist() == [True, False]
    assert "user: none before" not in found
