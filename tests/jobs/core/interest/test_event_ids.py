"""Duplicates, compared with a set per user that is filled event by event."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.interest.event_ids import known_ids, make_ids, new_events
from jobs.core.interest.user_state import UserEntry


def new_flags(
    keys: Sequence[int], user: Sequence[int], known: Sequence[Sequence[int]]
) -> list[bool]:
    new = new_events(
        np.array(keys, dtype=np.uint64),
        np.array(user, dtype=np.intp),
        known_ids(
            [
                UserEntry(b"", make_ids(np.array(ids, dtype=np.uint64), minute=5).tobytes())
                for ids in known
            ],
            oldest_minute=0,
        ),
    )
    return [bool(is_new) for is_new in new]


def one_by_one(
    keys: Sequence[int], user: Sequence[int], known: Sequence[Sequence[int]]
) -> list[bool]:
    seen = [set(ids) for ids in known]
    new = []
    for key, owner in zip(keys, user, strict=True):
        new.append(key not in seen[owner])
        seen[owner].add(key)
    return new


@st.composite
def batches(
    draw: st.DrawFn, max_events: int, max_known: int
) -> tuple[list[int], list[int], list[list[int]]]:
    """Keys, users and known ids; no two users share a key, since a key includes its user."""
    users = draw(st.integers(1, 5))

    def key(user: int, event: int) -> int:
        return (event << 40) + user

    sizes = st.one_of(st.just(0), st.integers(0, max_known))
    known = [
        [key(user, event) for event in draw(st.lists(st.integers(0, 20), max_size=draw(sizes)))]
        for user in range(users)
    ]
    pairs = draw(
        st.lists(st.tuples(st.integers(0, users - 1), st.integers(0, 20)), max_size=max_events)
    )
    return [key(*pair) for pair in pairs], [user for user, _ in pairs], known


@settings(max_examples=200, deadline=None)
@given(batches(max_events=8, max_known=6))
def test_few_events_are_new_unless_their_key_is_known_or_repeated(batch):
    assert new_flags(*batch) == one_by_one(*batch)


@settings(max_examples=100, deadline=None)
@given(batches(max_events=80, max_known=30))
def test_many_events_are_new_unless_their_key_is_known_or_repeated(batch):
    assert new_flags(*batch) == one_by_one(*batch)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 20])
def test_one_user_may_have_all_events_of_a_batch(count):
    keys = [*range(count), 0]
    known = [[], [1, 5, 19, 77], []]
    assert new_flags(keys, [1] * len(keys), known) == one_by_one(keys, [1] * len(keys), known)


def test_an_id_that_is_kept_twice_counts_as_one():
    assert new_flags([3, 4], [0, 0], [[3, 3]]) == [False, True]


def test_keys_that_differ_only_in_the_highest_bits_are_different():
    keys = [1, 2**63 + 1, 2**64 - 1, 1]
    assert new_flags(keys, [0] * 4, [[]]) == [True, True, True, False]
    assert new_flags(keys, [0] * 4, [[2**63 + 1]]) == [True, False, True, False]


def test_no_events_give_no_flags():
    assert new_flags([], [], []) == new_flags([], [], [[1]]) == []
