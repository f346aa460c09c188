"""Sequence rules, against their formula summed over all pairs of events."""

import numpy as np
import pytest

from jobs.evaluation.baselines.sequence_rules import DAY_MS, SequenceRules
from tests.jobs.evaluation.worlds import random_interactions

HALF_LIFE_MS = 3 * DAY_MS


def by_formula(world, now_ms, last):
    """The scores of all items from matrices that are built from scratch."""
    items = len(world.item_ids)
    rules, counts = np.zeros((items, items)), np.zeros(items)
    history: dict[int, list[int]] = {}
    for user, item, time_ms in zip(
        world.user.tolist(), world.item.tolist(), world.time_ms.tolist(), strict=True
    ):
        left = 2.0 ** (-(now_ms - time_ms) / HALF_LIFE_MS)
        counts[item] += left
        for distance, other in enumerate(reversed(history.get(user, [])[-20:]), start=1):
            rules[other, item] += left * distance**-0.5
            rules[item, other] += left * 0.5 * distance**-0.5
        history.setdefault(user, []).append(item)
    scores = np.zeros(items)
    for item in range(items):
        found = sum(
            2 ** (-rank / 3) * counts[other] ** -0.5 * rules[other, item]
            for rank, other in enumerate(last[:20])
            if counts[other]
        )
        scores[item] = counts[item] ** -0.25 * found if found else 0.0
    return scores


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scores_equal_the_formula(seed):
    world = random_interactions(seed, users=5, items=40, count=120)
    rules = SequenceRules(40, HALF_LIFE_MS)
    history: dict[int, list[int]] = {}
    for user, item, time_ms in zip(
        world.user.tolist(), world.item.tolist(), world.time_ms.tolist(), strict=True
    ):
        before = history.setdefault(user, [])
        rules.add(item, np.array(before[::-1], dtype=np.int64), time_ms)
        before.append(item)
    now_ms = int(world.time_ms[-1]) + 5 * DAY_MS
    for user in range(5):
        last = history[user][::-1]
        found = rules.scores(np.array(last), now_ms)
        assert np.allclose(found, by_formula(world, now_ms, last))


def test_what_followed_counts_twice_what_came_before():
    rules = SequenceRules(2)
    rules.add(0, np.array([], dtype=np.int64), 0)
    rules.add(1, np.array([0]), 0)
    assert np.allclose(rules.scores(np.array([0]), 0), [0, 1])
    assert np.allclose(rules.scores(np.array([1]), 0), [0.5, 0])


def test_a_user_without_items_and_an_item_without_rules_score_0():
    rules = SequenceRules(3)
    assert rules.scores(np.array([], dtype=np.int64), 0).tolist() == [0, 0, 0]
    assert rules.scores(np.array([2]), 0).tolist() == [0, 0, 0]
