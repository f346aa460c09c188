"""The fixed blend."""

import statistics

import numpy as np

from jobs.evaluation.baselines.blend import blend


def test_it_is_the_weighted_sum_of_standard_scores():
    rng = np.random.default_rng(1)
    parts = {"a": rng.random(9), "b": rng.random(9) * 100, "unweighted": rng.random(9)}
    weights = {"a": 2.0, "b": 0.5, "absent": 7.0}
    found = blend(parts, weights)
    for item in range(9):
        expected = sum(
            weights[name]
            * (parts[name][item] - statistics.fmean(parts[name]))
            / statistics.pstdev(parts[name].tolist())
            for name in ("a", "b")
        )
        assert abs(found[item] - expected) < 1e-9


def test_a_part_that_says_the_same_of_all_items_says_nothing():
    assert blend({"a": np.full(4, 0.3)}, {"a": 1.0}).tolist() == [0, 0, 0, 0]
