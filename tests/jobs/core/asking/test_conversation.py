"""Conversations: what a follow-up keeps, adds and replaces."""

import msgspec
import pytest

from jobs.core.asking.conversation import (
    Conversation,
    ConversationError,
    go_on,
    read_conversation,
)
from jobs.core.asking.request import Bound, Said

BEFORE = Conversation(
    wanted=("comedy",),
    refused=("horror",),
    bounds=(Bound("year", 1980, 1989), Bound("price", None, 20.0, "EUR")),
    items=("a", "b", "c"),
)


def test_a_new_request_begins_anew():
    assert go_on(BEFORE, Said("zh", ("战争",))) == Conversation("zh", ("战争",))


def test_a_follow_up_without_anything_before_is_a_request():
    found = go_on(Conversation(), Said("en", refused=("war",), follow_up=True))
    assert found == Conversation("en", refused=("war",))


def test_a_follow_up_adds_what_is_wanted_and_refused():
    found = go_on(BEFORE, Said("en", ("dogs",), ("cats",), follow_up=True))
    assert (found.wanted, found.refused) == (("comedy", "dogs"), ("horror", "cats"))
    assert found.bounds == BEFORE.bounds


def test_a_bound_takes_the_place_of_the_one_of_its_quantity():
    found = go_on(BEFORE, Said("en", bounds=(Bound("year", 1990, 1999),), follow_up=True))
    assert found.bounds == (Bound("year", 1990, 1999), Bound("price", None, 20.0, "EUR"))


def test_what_is_refused_now_is_wanted_no_more_and_the_other_way_round():
    found = go_on(BEFORE, Said("en", ("horror",), ("comedy",), follow_up=True))
    assert (found.wanted, found.refused) == (("horror",), ("comedy",))


@pytest.mark.parametrize(
    ("places", "items"), [((2,), ("b",)), ((-1,), ("c",)), ((1, 3), ("a", "c")), ((4, 0), ())]
)
def test_places_are_items_of_the_list_before(places, items):
    assert go_on(BEFORE, Said("en", like=places, follow_up=True)).like == items
    assert go_on(BEFORE, Said("en", unlike=places, follow_up=True)).unlike == items


def test_others_leave_out_every_list_so_far():
    once = go_on(BEFORE, Said("en", others=True, follow_up=True)).shown(("d",))
    twice = go_on(once, Said("en", others=True, follow_up=True))
    assert twice.excluded == ("a", "b", "c", "d")


def test_a_conversation_goes_to_the_client_and_back():
    assert read_conversation(BEFORE.as_dict()) == BEFORE
    assert read_conversation(msgspec.json.decode(msgspec.json.encode(BEFORE.as_dict()))) == BEFORE
    assert read_conversation(None) == Conversation()


@pytest.mark.parametrize(
    "sent",
    [
        "hello",
        ["a"],
        {"wanted": "comedy"},
        {"wanted": [1]},
        {"items": ["x" * 501]},
        {"items": ["x"] * 1001},
        {"refused": ["x"] * 17},
        {"version": 2},
        {"bounds": [{"lowest": 3}]},
    ],
)
def test_what_no_answer_gave_is_refused_in_a_sentence(sent):
    with pytest.raises(ConversationError, match="conversation"):
        read_conversation(sent)
