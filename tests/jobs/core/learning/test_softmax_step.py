"""The step of a question: against the derivative by differences, and what many steps find."""

import numpy as np
import pytest

from jobs.core.learning.softmax_step import softmax_step


def log_chance(features, weights, answer):
    scores = features @ weights
    return scores[answer] - np.log(np.exp(scores).sum())


def test_the_gradient_is_that_of_the_logarithm_of_the_chance():
    rng = np.random.default_rng(1)
    features, weights = rng.normal(size=(30, 6)), rng.normal(size=6)
    step = softmax_step(features, weights, 11)
    for at in range(6):
        moved = np.eye(6)[at] * 1e-6
        difference = log_chance(features, weights + moved, 11) - log_chance(
            features, weights - moved, 11
        )
        assert step.gradient[at] == pytest.approx(difference / 2e-6, abs=1e-7)
    assert step.chance == pytest.approx(np.exp(log_chance(features, weights, 11)))


def test_scores_beyond_what_exp_can_hold_have_a_chance():
    step = softmax_step(np.array([[2000.0], [1000.0]]), np.ones(1), 1)
    assert step.chance == 0.0
    assert step.gradient.tolist() == [-1000.0]


def test_a_candidate_alone_teaches_nothing():
    step = softmax_step(np.array([[3.0, 1.0]]), np.ones(2), 0)
    assert step.gradient.tolist() == [0.0, 0.0]
    assert step.chance == 1.0


def test_steps_find_the_weights_by_which_answers_were_drawn():
    rng = np.random.default_rng(2)
    true = np.array([3.0, -1.0, 0.0])
    weights, squares = np.zeros(3), np.ones(3)
    for _ in range(8_000):
        features = rng.random((40, 3))
        chances = np.exp(features @ true)
        answer = int(rng.choice(40, p=chances / chances.sum()))
        gradient = softmax_step(features, weights, answer).gradient
        squares += gradient**2
        weights += 0.1 * gradient / np.sqrt(squares)
    assert weights == pytest.approx(true, abs=0.3)
