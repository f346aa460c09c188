"""Accepted events: their distinct users, and parts of them with the same users."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.operators.accepted_events import NO_TEXT, AcceptedEvents, user_index
from tests.builders import half


def accepted(count: int) -> AcceptedEvents:
    number = np.arange(count)
    users, user = user_index([f"u{n % 3}" for n in range(count)])
    return AcceptedEvents(
        lines=[b"%d" % n for n in range(count)],
        users=users,
        line=number,
        user=user,
        item_id=[f"i{n}" if n % 2 else None for n in range(count)],
        code=number + 10,
        time_ms=number + 20,
        key=(number + 30).astype(np.uint64),
        value=number + 0.5,
        text=[None if n % 2 else f"t{n}" for n in range(count)],
        text_row=np.full(count, NO_TEXT),
        text_vectors=half(np.zeros((0, 4))),
    )


@given(st.lists(st.text(max_size=3), max_size=12))
def test_users_are_distinct_and_sorted_and_each_event_has_the_index_of_its_user(names):
    users, user = user_index(names)
    assert users == sorted(set(names))
    assert [users[index] for index in user.tolist()] == names


@given(st.lists(st.booleans(), max_size=9))
def test_the_chosen_events_keep_all_their_columns(chosen):
    events = accepted(len(chosen))
    taken = events.take(np.array(chosen, dtype=bool))
    indices = [index for index, is_chosen in enumerate(chosen) if is_chosen]
    assert len(taken) == len(indices)
    assert (taken.users, taken.lines) == (events.users, events.lines)
    for name in ("line", "user", "code", "time_ms", "key", "value", "text_row"):
        assert getattr(taken, name).tolist() == getattr(events, name)[indices].tolist(), name
    for name in ("item_id", "text"):
        assert getattr(taken, name) == [getattr(events, name)[index] for index in indices]
