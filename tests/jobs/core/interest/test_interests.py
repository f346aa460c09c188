"""Interests: clusters made by hand, and an oracle in plain Python."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.interests import CHUNK, Interests, cover
from jobs.core.interest.vectors import Vectors
from tests.builders import EAST, INWARD, NORTH, UP, unit_rows
from tests.jobs.core.kernels.arithmetic import arithmetic  # noqa: F401

COSINE = 0.35
Found = list[tuple[int, float, int]]
"""(index, share, size), strongest first."""


def of_items(vectors: NDArray[Any]) -> Vectors:
    items = np.asarray(vectors, dtype=np.float32)
    return Vectors(items, items[:0])


def cover_one(
    vectors: NDArray[Any],
    index: list[int],
    weights: list[float],
    may_lead: list[bool] | None = None,
    max_interests: int = 4,
) -> Found:
    lead = [True] * len(index) if may_lead is None else may_lead
    found = cover(
        of_items(vectors),
        np.array([index], dtype=np.intp),
        np.array([weights], dtype=np.float64),
        np.array([lead]),
        cosine=COSINE,
        max_interests=max_interests,
    )
    return as_list(found, 0)


def as_list(found: Interests, user: int) -> Found:
    rows = zip(
        found.medoid[user].tolist(),
        found.share[user].tolist(),
        found.size[user].tolist(),
        strict=True,
    )
    return [row for row in rows if row[0] >= 0]


def assert_interests(found: Found, expected: Found) -> None:
    assert [(index, size) for index, _, size in found] == [(p, size) for p, _, size in expected]
    assert [share for _, share, _ in found] == pytest.approx([share for _, share, _ in expected])


def greedy(
    vectors: NDArray[Any], index: list[int], weights: list[float], may_lead: list[bool]
) -> tuple[Found, float]:
    """The contract item by item in float64, and the smallest margin of any of its choices."""
    rows = [vectors[row].astype(np.float64) for row in index]
    near = [[float(a @ b) for b in rows] for a in rows]
    closest = min((abs(s - COSINE) for line in near for s in line), default=1.0)
    left = dict(enumerate(weights))
    left = {index: weight for index, weight in left.items() if weight > 0}
    total = sum(left.values())
    found: Found = []
    while len(found) < 4:
        carried = {
            index: sum(near[index][o] * w for o, w in left.items() if near[index][o] >= COSINE)
            for index in left
            if may_lead[index]
        }
        carried = {index: mass for index, mass in carried.items() if mass > 0}
        if not carried:
            break
        best = max(carried, key=lambda index: carried[index])
        others = [mass for index, mass in carried.items() if index != best]
        closest = min([closest, *(carried[best] - mass for mass in others)])
        members = [o for o in left if near[best][o] >= COSINE]
        found.append((best, sum(left[o] for o in members) / total, len(members)))
        left = {o: w for o, w in left.items() if o not in members}
    return found, closest


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.integers(0, 9), st.floats(0.1, 5), st.booleans()), max_size=10),
)
def test_the_cover_equals_the_plain_greedy_loop(seed, interactions):
    vectors = unit_rows(10, 3, seed)
    index = [row for row, _, _ in interactions] or [0]
    weights = [weight for _, weight, _ in interactions] or [0.0]
    may_lead = [lead for _, _, lead in interactions] or [True]
    expected, closest = greedy(vectors, index, weights, may_lead)
    assume(closest > 1e-4)
    found = cover_one(vectors, index, weights, may_lead)
    assert_interests(found, expected)


def test_two_clusters_are_two_interests_led_by_their_central_items():
    around_east = [(0.8, 0.6, 0, 0), (1, 0, 0, 0), (0.8, -0.6, 0, 0)]
    around_up = [(0, 0, 1, 0), (0, 0, 0.8, 0.6)]
    found = cover_one(np.array(around_east + around_up), [0, 1, 2, 3, 4], [1, 1, 1, 1, 0.5])
    # East carries 0.8 + 1 + 0.8, each of its neighbours 0.8 + 1 (+ 0.28 < 0.35 of the other).
    assert_interests(found, [(1, 3 / 4.5, 3), (3, 1.5 / 4.5, 2)])


def test_the_weights_decide_which_interest_comes_first():
    found = cover_one(np.array([EAST, NORTH, UP]), [0, 1, 2], [1.0, 5.0, 2.0])
    assert [index for index, _, _ in found] == [1, 2, 0]


def test_a_repeated_item_is_one_interest_of_two_interactions():
    found = cover_one(np.array([EAST, NORTH]), [0, 1, 0], [1.0, 1.5, 1.0])
    assert_interests(found, [(0, 2 / 3.5, 2), (1, 1.5 / 3.5, 1)])


def test_there_are_at_most_max_interests():
    found = cover_one(np.eye(6), list(range(6)), [6, 5, 4, 3, 2, 1], max_interests=4)
    assert [index for index, _, _ in found] == [0, 1, 2, 3]
    assert sum(share for _, share, _ in found) == pytest.approx(18 / 21)


def test_a_text_is_a_member_and_never_a_medoid():
    found = cover_one(np.array([EAST, INWARD]), [0, 0, 1], [9.0, 1.0, 9.0], [False, True, False])
    assert_interests(found, [(1, 10 / 19, 2)])


def test_without_likes_there_is_no_interest():
    assert cover_one(np.array([EAST]), [0, 0], [0.0, 0.0]) == []


def test_an_item_without_a_direction_is_in_no_interest():
    found = cover_one(np.array([(0.0,) * 4, EAST]), [0, 1], [5.0, 1.0])
    assert_interests(found, [(1, 1 / 6, 1)])


def test_an_empty_slot_between_interactions_is_in_no_interest():
    found = cover_one(np.array([EAST, NORTH]), [1, -1, 0], [1.0, 0.0, 3.0])
    assert_interests(found, [(2, 0.75, 1), (0, 0.25, 1)])


def test_users_beyond_one_chunk_are_covered_alike():
    vectors, users = unit_rows(10, 4, seed=3), 3 * CHUNK + 1
    index = np.random.default_rng(5).integers(0, 10, (users, 6))
    weights = np.random.default_rng(6).uniform(0.5, 2.0, (users, 6))
    together = cover(
        of_items(vectors),
        index,
        weights,
        np.ones((users, 6), dtype=bool),
        cosine=COSINE,
        max_interests=4,
    )
    for user in (0, CHUNK - 1, CHUNK, users - 1):
        alone = cover_one(vectors, index[user].tolist(), weights[user].tolist())
        assert_interests(as_list(together, user), alone)
