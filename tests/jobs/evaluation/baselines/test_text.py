"""Scores by text, against cosines of one pair at a time."""

import numpy as np

from jobs.evaluation.baselines.text import text_scores


def test_scores_are_cosines_with_the_decayed_mean_and_with_the_nearest_of_five():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(60, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    last = rng.permutation(60)[:40]
    mean = sum(0.5 ** (rank / 3) * vectors[item] for rank, item in enumerate(last[:32]))
    found = text_scores(vectors.astype(np.float32), last)
    for item in range(60):
        cosine = vectors[item] @ mean / np.linalg.norm(mean)
        assert abs(found.mean[item] - cosine) < 1e-5
        assert abs(found.nearest[item] - max(vectors[item] @ vectors[o] for o in last[:5])) < 1e-5


def test_nothing_is_known_of_a_user_without_items():
    found = text_scores(np.eye(3, dtype=np.float32), np.array([], dtype=np.int64))
    assert not found.mean.any()
    assert not found.nearest.any()


def test_a_user_whose_items_have_no_vector_scores_0():
    found = text_scores(np.zeros((3, 2), dtype=np.float32), np.array([1]))
    assert found.mean.tolist() == [0, 0, 0]
