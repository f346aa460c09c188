import numpy as np
import pytest

from model_export.search.similarity import cosines, neighbour_overlap

RNG = np.random.default_rng(4)


def units(rows, dim=16):
    vectors = RNG.normal(size=(rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_cosines_are_of_directions_whatever_the_length():
    vectors = units(5)
    np.testing.assert_allclose(cosines(vectors, vectors * 3), 1, atol=1e-7)
    np.testing.assert_allclose(cosines(vectors, -vectors), -1, atol=1e-7)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_what_has_no_direction_is_like_nothing(bad):
    vectors = units(2)
    spoilt = vectors.copy()
    spoilt[0] = bad
    assert cosines(vectors, spoilt)[0] == 0


def test_overlap_counts_common_neighbours_and_not_the_text_itself():
    left, right = units(40), units(40)

    def nearest(vectors, row):
        order = sorted(range(40), key=lambda n: -float(vectors[row] @ vectors[n]))
        return {n for n in order if n != row} and {n for n in order[:11] if n != row}

    expected = np.mean([len(nearest(left, n) & nearest(right, n)) / 10 for n in range(40)])
    assert neighbour_overlap(left, right) == pytest.approx(expected)
    assert neighbour_overlap(left, left) == 1
