"""The noise has the distribution that the budget needs."""

import math

import numpy as np
import pytest

from jobs.core.trends.released_days import error_of_day
from jobs.operators.noise import LaplaceNoise


@pytest.mark.parametrize(("epsilon", "most"), [(0.5, 1), (1.0, 3), (3.0, 1)])
def test_the_noise_is_discrete_laplace(epsilon: float, most: int) -> None:
    noise = LaplaceNoise(epsilon, most)
    assert noise.scale == most / epsilon
    drawn = noise([5] * 20_000) - 5
    error = error_of_day(noise.scale)
    # Six standard deviations: one run in 500 million is further away.
    assert abs(drawn.mean()) < 6 * error / math.sqrt(len(drawn))
    ratio = math.exp(-epsilon / most)
    at_zero = (1 - ratio) / (1 + ratio)
    spread = math.sqrt(at_zero * (1 - at_zero) / len(drawn))
    assert abs((drawn == 0).mean() - at_zero) < 6 * spread


def test_every_count_has_noise_of_its_own() -> None:
    noise = LaplaceNoise(0.1, 1)
    assert len(np.unique(noise([0] * 100))) > 10
    assert not np.array_equal(noise([0] * 100), noise([0] * 100))


def test_no_counts_are_no_counts() -> None:
    assert LaplaceNoise(1.0, 1)([]).tolist() == []
