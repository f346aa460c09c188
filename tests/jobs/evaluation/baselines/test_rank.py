"""The best items, against a sort of all of them."""

import numpy as np
import pytest

from jobs.evaluation.baselines.rank import best


@pytest.mark.parametrize("seed", range(20))
def test_it_equals_a_sort_of_all_items(seed):
    rng = np.random.default_rng(seed)
    # Few different scores, so that most of them are ties.
    scores = rng.integers(-2, 4, 30).astype(float)
    without = rng.permutation(30)[: rng.integers(0, 25)]
    above = float(rng.choice([-np.inf, 0.0, 2.0]))
    expected = sorted(
        (item for item in range(30) if item not in without and scores[item] > above),
        key=lambda item: (-scores[item], item),
    )[:8]
    found = best(scores, without, 8, above=above)
    assert found.tolist() == expected + [-1] * (8 - len(expected))


def test_a_catalogue_shorter_than_the_list_leaves_places():
    assert best(np.array([1.0, 2.0]), np.array([], dtype=np.int64), 4).tolist() == [1, 0, -1, -1]
