import numpy as np
import pytest

from model_export.quantise.ranges import choose_range

RNG = np.random.default_rng(8)
BELL = RNG.normal(size=100_000).astype(np.float32)
WITH_AN_OUTLIER = np.append(BELL, np.float32(400))


def bounds(values, method):
    return choose_range(values, float(values.min()), float(values.max()), method)


def test_minmax_keeps_everything():
    assert bounds(WITH_AN_OUTLIER, "minmax") == (pytest.approx(BELL.min()), 400)


@pytest.mark.parametrize("method", ["percentile", "entropy"])
def test_an_outlier_does_not_take_the_range_away(method):
    low, high = bounds(WITH_AN_OUTLIER, method)
    assert 2 < high < 40
    assert low < -2


def test_entropy_keeps_nearly_all_of_a_bell():
    _, high = bounds(BELL, "entropy")
    assert 2.5 < high <= BELL.max()


@pytest.mark.parametrize("method", ["minmax", "percentile", "entropy"])
def test_zero_is_inside(method):
    low, high = bounds(np.linspace(3, 5, 5000, dtype=np.float32), method)
    assert low == 0 < high
