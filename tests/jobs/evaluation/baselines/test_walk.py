"""Baselines before each question: nothing of the question or of what comes later is in them."""

import numpy as np
import pytest

from jobs.evaluation.baselines.walk import walk
from tests.jobs.evaluation.worlds import interactions, random_interactions

NAMES = {
    "popular, 6 h",
    "popular, 1 d",
    "popular, 7 d",
    "popular, 30 d",
    "popular, all time",
    "co-occurrence",
    "text mean",
    "blend, fixed",
}


def vectors(items, seed=3):
    rows = np.random.default_rng(seed).normal(size=(items, 4)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_comes_later_changes_no_answer(seed):
    world = random_interactions(seed)
    questions = np.array([20, 60, 61, 149])
    together = list(walk(world, questions, vectors(30)))
    for question, found in zip(questions.tolist(), together, strict=True):
        # The same history, and behind it other events of other users at other items.
        pairs = list(zip(world.user.tolist(), world.item.tolist(), strict=True))
        changed = [*pairs[:question], (pairs[question][0], 29), *[(11, 28)] * 5]
        step_ms = int(world.time_ms[1] - world.time_ms[0])
        alone = next(
            iter(walk(interactions(changed, 30, step_ms), np.array([question]), vectors(30)))
        )
        assert set(found.lists) == NAMES
        for name in NAMES:
            assert found.lists[name].tolist() == alone.lists[name].tolist(), name


def test_nothing_that_the_user_has_met_is_in_a_list():
    world = random_interactions(4)
    questions = np.arange(100, 150)
    for question, found in zip(
        questions.tolist(), walk(world, questions, vectors(30)), strict=True
    ):
        before = world.user[:question] == world.user[question]
        met = set(world.item[:question][before].tolist())
        for name, listed in found.lists.items():
            assert not met & set(listed.tolist()), name


def test_counts_are_those_before_the_question():
    world = random_interactions(5)
    questions = np.array([0, 10, 99])
    for question, found in zip(questions.tolist(), walk(world, questions, None), strict=True):
        assert found.counts.tolist() == np.bincount(world.item[:question], minlength=30).tolist()


def test_a_pair_that_others_turned_to_is_found_by_co_occurrence_alone():
    # Seven users turn to item 5 and then to 6; what else they turn to is popular.
    pairs = [(user, item) for user in range(7) for item in (5, 6)]
    popular = [(user, item) for item in (1, 2, 3) for user in range(8, 30)]
    world = interactions([*popular, *pairs, (7, 5), (7, 6)], items=30)
    found = next(iter(walk(world, np.array([len(world) - 1]), None)))
    assert found.lists["co-occurrence"][0] == 6
    assert found.lists["popular, all time"][:3].tolist() == [1, 2, 3]


def test_without_vectors_the_baselines_of_text_are_left_out():
    world = random_interactions(6)
    found = next(iter(walk(world, np.array([50]), None)))
    assert set(found.lists) == NAMES - {"text mean", "blend, fixed"}


def test_an_unknown_user_gets_what_is_popular_in_place_of_texts_and_nothing_of_rules():
    world = interactions([(0, 1), (1, 1), (1, 2), (2, 5)], items=30)
    found = next(iter(walk(world, np.array([3]), vectors(30))))
    assert found.lists["text mean"].tolist() == found.lists["popular, 1 d"].tolist()
    assert set(found.lists["co-occurrence"].tolist()) == {-1}
    assert found.lists["popular, 1 d"][:2].tolist() == [1, 2]
