"""Diversity, novelty, coverage and popularity bias, against pairs and sums written out."""

import itertools
import math

import numpy as np

from jobs.evaluation.list_measures import (
    coverage,
    diversity,
    novelty,
    popularity_bias,
    popularity_rank,
)


def test_diversity_is_one_minus_the_mean_cosine_of_all_pairs():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(30, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    listed = [3, 9, 20, 4]
    cosines = [float(vectors[a] @ vectors[b]) for a, b in itertools.combinations(listed, 2)]
    found = diversity(np.array([*listed, -1, -1]), vectors)
    assert math.isclose(found, 1 - sum(cosines) / len(cosines), rel_tol=1e-5)


def test_items_without_a_vector_do_not_count_for_diversity():
    vectors = np.array([[1, 0], [0, 0], [0, 1]], dtype=np.float32)
    assert diversity(np.array([0, 1, 2]), vectors) == 1.0
    assert math.isnan(diversity(np.array([0, 1, -1]), vectors))


def test_novelty_is_the_mean_surprise_in_bits():
    counts = np.array([7, 0, 2])
    shares = [8 / 12, 1 / 12]
    expected = -sum(math.log2(share) for share in shares) / 2
    assert math.isclose(novelty(np.array([0, 1, -1]), counts), expected)
    assert math.isnan(novelty(np.array([-1, -1]), counts))


def test_popularity_rank_counts_less_popular_items_and_half_of_the_equal_ones():
    counts = np.random.default_rng(2).integers(0, 5, 40)
    expected = [(sum(counts < one) + 0.5 * sum(counts == one)) / 40 for one in counts]
    assert np.allclose(popularity_rank(counts), expected)


def test_popularity_bias_is_above_0_where_the_list_is_more_popular_than_the_answer():
    popularity = popularity_rank(np.array([0, 10, 20, 30]))
    assert popularity_bias(np.array([3, 2, -1]), 0, popularity) == 0.625
    assert popularity_bias(np.array([0]), 3, popularity) == -0.75


def test_coverage_counts_each_item_once():
    assert coverage(np.array([[0, 1, 2], [2, 1, -1]]), items=6) == 0.5
