"""Which interactions are asked about."""

import numpy as np
import pytest

from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.questions import sample_questions, start_of_test
from tests.jobs.evaluation.worlds import interactions, random_interactions


def test_prequential_questions_are_of_the_last_share_and_in_order():
    world = random_interactions(1, count=150)
    found = sample_questions(world, "prequential", 10, 0.2, seed=5)
    assert len(set(found.tolist())) == 10
    assert found.tolist() == sorted(found.tolist())
    assert found.min() >= start_of_test(world, 0.2) == 120


def test_all_of_the_test_part_is_asked_when_more_are_wanted():
    world = random_interactions(1, count=150)
    assert sample_questions(world, "prequential", 999, 0.2, seed=5).tolist() == list(
        range(120, 150)
    )


def test_the_same_seed_draws_the_same_and_another_one_others():
    world = random_interactions(1, count=300)
    draws = [sample_questions(world, "prequential", 9, 0.5, seed).tolist() for seed in (5, 5, 6)]
    assert draws[0] == draws[1] != draws[2]


def test_leave_one_out_asks_about_the_last_interaction_of_users_with_two_or_more():
    world = interactions([(0, 1), (1, 1), (0, 2), (2, 0), (1, 3), (0, 3)], items=4)
    assert sample_questions(world, "leave-one-out", 9, 0.2, seed=1).tolist() == [4, 5]


def test_nothing_to_ask_is_an_error():
    with pytest.raises(EvaluationError, match="nothing to ask"):
        sample_questions(interactions([], items=3), "prequential", 5, 0.2, seed=1)
    with pytest.raises(EvaluationError, match="nothing to ask"):
        sample_questions(interactions([(0, 1)], items=3), "leave-one-out", 5, 0.2, seed=1)


def test_every_interaction_of_the_test_part_is_drawn_equally_often():
    world = random_interactions(2, count=50)
    drawn = np.concatenate(
        [sample_questions(world, "prequential", 5, 0.2, seed) for seed in range(400)]
    )
    counts = np.bincount(drawn, minlength=50)[40:]
    # 400 draws of 5 of 10 are 200 each, with a standard deviation of 10.
    assert counts.min() > 150
    assert counts.max() < 250
