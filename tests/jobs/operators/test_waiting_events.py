"""Waiting events: each is taken once, and an entry is removed with its last event."""

import math

from hypothesis import given
from hypothesis import strategies as st

from jobs.operators.waiting_events import WaitingEvent, WaitingEvents
from tests.builders import NOON_MS
from tests.fakes.keyed_context import Cells, FakeMapState


def waiting(number: int, item_id: str = "new", user_id: str = "ada") -> WaitingEvent:
    """An event that arrived `number` milliseconds after noon."""
    return WaitingEvent(b"raw", user_id, item_id, "like", NOON_MS, number, 1.0, NOON_MS + number)


def waiting_events(*events: WaitingEvent) -> tuple[WaitingEvents, Cells]:
    cells: Cells = {}
    state = WaitingEvents(FakeMapState(lambda: cells))
    state.add(events)
    return state, cells


def test_events_of_known_items_are_taken_in_the_order_of_their_arrival():
    state, cells = waiting_events(waiting(1), waiting(2, "other"), waiting(3))
    state.add([waiting(4)])
    assert state.take_known(["without events", "new", "new"], lambda _: False) == [
        waiting(1),
        waiting(3),
        waiting(4),
    ]
    assert list(cells) == ["other"]
    assert state.take_known(["new"], lambda _: True) == []


def test_without_arrivals_every_item_with_waiting_events_is_checked():
    state, cells = waiting_events(waiting(1), waiting(2, "other"))
    assert state.take_known(None, lambda item_id: item_id == "other") == [waiting(2, "other")]
    assert list(cells) == ["new"]


def test_events_before_the_limit_expire_and_the_oldest_arrival_left_is_returned():
    state, cells = waiting_events(waiting(1), waiting(5), waiting(2, "other"))
    assert state.take_expired(NOON_MS + 2) == ([waiting(1)], NOON_MS + 2)
    assert state.take_expired(NOON_MS + 3) == ([waiting(2, "other")], NOON_MS + 5)
    assert list(cells) == ["new"]
    assert state.take_expired(NOON_MS + 6) == ([waiting(5)], 0)
    assert cells == {}


def test_all_events_of_one_user_can_be_taken():
    state, cells = waiting_events(waiting(1), waiting(2, user_id="bob"), waiting(3, "other"))
    assert sorted(event.key for event in state.take_user("ada")) == [1, 3]
    assert list(cells) == ["new"]
    assert state.take_user("bob") == [waiting(2, user_id="bob")]


def test_a_missing_value_is_kept_as_nan():
    event = WaitingEvent(b"raw", "ada", "new", "view", NOON_MS, 1, math.nan, NOON_MS)
    state, _ = waiting_events(event)
    (found,) = state.take_known(None, lambda _: True)
    assert math.isnan(found.value)


def test_the_text_of_an_event_and_its_vector_are_kept():
    event = WaitingEvent(
        b"raw", "ada", "new", "comment", NOON_MS, 1, math.inf, NOON_MS, "how nice", b"\x00\x3c"
    )
    state, _ = waiting_events(event)
    assert state.take_known(None, lambda _: True) == [event]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["ada", "bob"]), st.integers(0, 9)),
        max_size=15,
    ),
    st.integers(0, 10),
)
def test_every_event_is_taken_once_by_whatever_call(drawn, limit):
    events = [waiting(number, item, user) for item, user, number in drawn]
    state, cells = waiting_events(*events)
    left = state.take_known(["a"], lambda _: False)
    left += state.take_expired(NOON_MS + limit)[0]
    left += state.take_user("ada")
    left += state.take_known(None, lambda _: True)
    assert sorted(map(repr, left)) == sorted(map(repr, events))
    assert cells == {}
