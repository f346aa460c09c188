"""What a click counts by its position."""

import numpy as np
import pytest

from jobs.core.learning.position_bias import MOST, PRIOR, click_weights


def weights(impressions: list[int], clicks: list[int]) -> list[float]:
    return [float(weight) for weight in click_weights(np.array(impressions), np.array(clicks))]


def test_a_click_counts_by_the_inverse_of_how_often_its_position_is_clicked() -> None:
    # So many impressions that the prior does not show.
    found = weights([10**9] * 3, [4 * 10**7, 2 * 10**7, 10**7])
    assert found == pytest.approx([1, 2, 4], rel=1e-4)


def test_no_click_counts_more_than_the_most() -> None:
    assert weights([10**9, 10**9], [10**8, 10**5])[1] == MOST


def test_a_later_position_never_counts_less_than_one_before_it() -> None:
    found = weights([10**9] * 3, [4 * 10**7, 2 * 10**7, 4 * 10**7])
    assert found == pytest.approx([1, 2, 2], rel=1e-4)
    assert weights([10**9] * 2, [10**7, 4 * 10**7]) == [1, 1]


def test_few_impressions_say_little() -> None:
    rate = 21 / 420
    first, second = (20 + PRIOR * rate) / (220 + PRIOR), (1 + PRIOR * rate) / (200 + PRIOR)
    found = weights([220, 200], [20, 1])
    assert found == pytest.approx([1, first / second])
    assert found[1] < (20 / 220) / (1 / 200)


def test_without_a_click_each_position_counts_the_same() -> None:
    assert weights([500, 400], [0, 0]) == [1, 1]
    assert weights([0, 0], [0, 0]) == [1, 1]
