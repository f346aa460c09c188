"""Vectors of topics are told apart, on vectors made of a shared part and a part of their own."""

import numpy as np
import pytest
from numpy.typing import NDArray

from jobs.core.interest.topic_vectors import FEWEST, told_apart
from tests.builders import unit_rows

DIM = 384


def topics(shared: float, count: int = 25, seed: int = 0) -> NDArray[np.float64]:
    """Unit vectors `(count, DIM)` of which two have a cosine of about `shared`."""
    own = unit_rows(count, DIM, seed).astype(np.float64)
    own[:, 0] = 0
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    vectors: NDArray[np.float64] = np.sqrt(1 - shared) * own
    vectors[:, 0] += np.sqrt(shared)
    return vectors


def mean_cosine(vectors: NDArray[np.float64]) -> float:
    return float((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)].mean())


@pytest.mark.parametrize("shared", [0.0, 0.3, 0.73, 0.95])
def test_what_all_topics_share_goes_and_what_is_their_own_stays(shared):
    vectors = topics(shared)
    apart = told_apart(vectors)
    assert mean_cosine(vectors) == pytest.approx(shared, abs=0.02)
    assert mean_cosine(apart) == pytest.approx(-1 / 24, abs=0.01)
    assert np.linalg.norm(apart, axis=1) == pytest.approx(np.ones(25))
    assert np.sum(apart * topics(0.0), axis=1).min() > 0.95


def test_an_item_without_the_shared_part_is_as_near_as_where_topics_have_none():
    item = topics(0.0)[3]
    alike = topics(0.73)
    assert alike[3] @ item == pytest.approx(np.sqrt(0.27), abs=0.01)
    assert told_apart(alike)[3] @ item > 0.95


def test_an_item_with_the_shared_part_is_near_its_own_topic_alone():
    alike = topics(0.73)
    item = topics(0.5)[3]
    assert np.sort(alike @ item)[0] > 0.5
    cosines = told_apart(alike) @ item
    assert np.flatnonzero(cosines > 0.2).tolist() == [3]


@pytest.mark.parametrize("count", [1, 2, FEWEST - 1])
def test_the_mean_of_few_topics_is_what_they_are_about_and_stays(count):
    vectors = topics(0.73, count)
    assert (told_apart(vectors) == vectors).all()


def test_topics_of_the_same_texts_have_no_direction_of_their_own():
    assert not told_apart(np.repeat(topics(0.5, 1), 25, axis=0)).any()
