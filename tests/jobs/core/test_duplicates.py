"""Duplicates: against a set that is filled event by event."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.duplicates import new_events
from jobs.core.user_state import make_ids


@given(
    st.lists(st.integers(0, 9), max_size=20),
    st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=3),
)
def test_an_event_is_new_unless_its_key_was_known_or_came_before_it(keys, known):
    seen = {key for ids in known for key in ids}
    expected = []
    for key in keys:
        expected.append(key not in seen)
        seen.add(key)
    found = new_events(
        np.array(keys, dtype=np.uint64),
        [make_ids(np.array(ids, dtype=np.uint64), minute=5) for ids in known],
    )
    assert found.tolist() == expected


def test_keys_that_differ_in_the_highest_bits_only_are_different():
    keys = np.array([1, 2**63 + 1, 2**64 - 1, 1], dtype=np.uint64)
    assert new_events(keys, []).tolist() == [True, True, True, False]
