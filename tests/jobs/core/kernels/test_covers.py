"""Covers by the kernel: the numpy code is the oracle, and neighbours in the batch do not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.interests import Interests, cover
from jobs.core.interest.vectors import Vectors
from jobs.core.kernels.loaded import numpy_alone

DIM, ITEMS, TEXTS, LAST_N = 24, 30, 5, 13


def unit(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    centres = rng.standard_normal((4, DIM))
    vectors = centres[rng.integers(0, 4, count)] + rng.standard_normal((count, DIM))
    units: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units.astype(np.float32)


def covered(vectors: Vectors, row: NDArray[np.intp], weights: NDArray[np.float64]) -> Interests:
    lead = row < len(vectors.items)
    return cover(vectors, row, weights, lead, cosine=0.3, max_interests=3)


@given(st.integers(0, 2**32 - 1))
def test_medoids_and_sizes_are_those_of_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = Vectors(unit(rng, ITEMS), unit(rng, TEXTS))
    row = rng.integers(-1, ITEMS + TEXTS, (9, LAST_N))
    weights = np.where(row >= 0, rng.uniform(0.1, 3.0, row.shape), 0.0)
    found = covered(vectors, row, weights)
    with numpy_alone():
        expected = covered(vectors, row, weights)
    # Where an item occurs twice, rounding decides which of its places numpy names.
    items = np.take_along_axis(row, found.medoid, axis=1)
    assert (items == np.take_along_axis(row, expected.medoid, axis=1)).all()
    assert ((found.medoid < 0) == (expected.medoid < 0)).all()
    assert found.size.tolist() == expected.size.tolist()
    assert found.share == pytest.approx(expected.share, rel=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_a_user_has_the_same_interests_in_any_batch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = Vectors(unit(rng, ITEMS), unit(rng, TEXTS))
    row = rng.integers(0, ITEMS + TEXTS, (7, LAST_N))
    weights = np.asarray(rng.uniform(0.1, 3.0, row.shape))
    together = covered(vectors, row, weights)
    for user in range(len(row)):
        alone = covered(vectors, row[user : user + 1], weights[user : user + 1])
        assert alone.share.tobytes() == together.share[user : user + 1].tobytes()
        assert alone.medoid.tolist() == [together.medoid[user].tolist()]


def test_of_two_items_that_lead_alike_the_newer_one_is_the_medoid() -> None:
    # Lengths of exactly 1 in any order of summation, so that no rounding leads.
    items = np.zeros((2, DIM), np.float32)
    items[0, 0] = 1.0
    items[1, :4] = 0.5
    vectors = Vectors(items, items[:0])
    weights = np.ones((2, 2))
    found = cover(
        vectors, np.array([[0, 1], [1, 0]]), weights, weights > 0, cosine=0.3, max_interests=1
    )
    assert found.medoid.tolist() == [[0], [0]]
    assert found.size.tolist() == [[2], [2]]
