"""The waiting room: what goes in comes out once, and entries are gone with their last event."""

import math

from hypothesis import given
from hypothesis import strategies as st

from jobs.operators.waiting_events import WaitingEvent, WaitingEvents
from tests.builders import NOON_MS
from tests.fakes.keyed_context import Cells, FakeMapState


def waiting(number: int, item_id: str = "new", user_id: str = "ada") -> WaitingEvent:
    """The event came `number` milliseconds after noon."""
    return WaitingEvent(b"raw", user_id, item_id, "like", NOON_MS, number, 1.0, NOON_MS + number)


def room_with(*events: WaitingEvent) -> tuple[WaitingEvents, Cells]:
    cells: Cells = {}
    room = WaitingEvents(FakeMapState(lambda: cells))
    room.add(events)
    return room, cells


def test_events_of_arrived_items_leave_in_the_order_in_which_they_came():
    room, cells = room_with(waiting(1), waiting(2, "other"), waiting(3))
    room.add([waiting(4)])
    assert room.take_known(["unasked", "new", "new"], lambda _: False) == [
        waiting(1),
        waiting(3),
        waiting(4),
    ]
    assert list(cells) == ["other"]
    assert room.take_known(["new"], lambda _: True) == []


def test_without_a_list_of_arrivals_every_waiting_item_is_looked_at():
    room, cells = room_with(waiting(1), waiting(2, "other"))
    assert room.take_known(None, lambda item_id: item_id == "other") == [waiting(2, "other")]
    assert list(cells) == ["new"]


def test_only_what_came_before_the_limit_expires_and_the_rest_tells_its_oldest():
    room, cells = room_with(waiting(1), waiting(5), waiting(2, "other"))
    assert room.take_expired(NOON_MS + 2) == ([waiting(1)], NOON_MS + 2)
    assert room.take_expired(NOON_MS + 3) == ([waiting(2, "other")], NOON_MS + 5)
    assert list(cells) == ["new"]
    assert room.take_expired(NOON_MS + 6) == ([waiting(5)], 0)
    assert cells == {}


def test_a_user_takes_their_own_events_along_and_no_others():
    room, cells = room_with(waiting(1), waiting(2, user_id="bob"), waiting(3, "other"))
    assert sorted(event.key for event in room.take_user("ada")) == [1, 3]
    assert list(cells) == ["new"]
    assert room.take_user("bob") == [waiting(2, user_id="bob")]


def test_a_value_that_is_none_comes_back_as_none():
    event = WaitingEvent(b"raw", "ada", "new", "view", NOON_MS, 1, math.nan, NOON_MS)
    room, _ = room_with(event)
    (found,) = room.take_known(None, lambda _: True)
    assert math.isnan(found.value)


def test_the_words_of_an_event_wait_with_it():
    event = WaitingEvent(
        b"raw", "ada", "new", "comment", NOON_MS, 1, math.inf, NOON_MS, "how nice", b"\x00\x3c"
    )
    room, _ = room_with(event)
    assert room.take_known(None, lambda _: True) == [event]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["ada", "bob"]), st.integers(0, 9)),
        max_size=15,
    ),
    st.integers(0, 10),
)
def test_whatever_leaves_first_every_event_leaves_once(given_events, limit):
    events = [waiting(number, item, user) for item, user, number in given_events]
    room, cells = room_with(*events)
    left = room.take_known(["a"], lambda _: False)
    left += room.take_expired(NOON_MS + limit)[0]
    left += room.take_user("ada")
    left += room.take_known(None, lambda _: True)
    assert sorted(map(repr, left)) == sorted(map(repr, events))
    assert cells == {}
