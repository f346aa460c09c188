"""Whether scores are probabilities."""

import numpy as np
import pytest

from jobs.evaluation.calibration import calibration
from jobs.evaluation.errors import EvaluationError


def test_scores_that_are_probabilities_have_a_small_error_and_twice_as_large_ones_a_large_one():
    rng = np.random.default_rng(1)
    truth = rng.random(50_000) * 0.5
    right = rng.random(50_000) < truth
    assert calibration(truth, right).error < 0.01
    # The mean of the truth is a quarter.
    assert calibration(2 * truth, right).error == pytest.approx(0.25, abs=0.01)


def test_bins_are_of_equal_size_and_rise():
    found = calibration(np.linspace(0, 1, 1000), np.zeros(1000, dtype=bool))
    assert found.items == [100] * 10
    assert found.predicted == sorted(found.predicted)


@pytest.mark.parametrize("scores", [[0.5, 1.2], [-0.1], [float("nan")], []])
def test_scores_outside_0_to_1_are_no_probabilities(scores):
    with pytest.raises(EvaluationError, match="outside 0 to 1"):
        calibration(np.array(scores), np.zeros(len(scores), dtype=bool))
