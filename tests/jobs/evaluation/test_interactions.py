"""Which events are interactions, and what stands before each."""

import pytest

from jobs.config import Config, load_config
from jobs.evaluation.interactions import read_interactions
from tests.builders import NOON_MS, event
from tests.jobs.evaluation.worlds import dataset

ITEMS = [{"item_id": name, "title": name.title()} for name in ("east", "north", "up")]


def read(events, items=ITEMS, config=None):
    return read_interactions(dataset(items, events), config or Config())


def named(found):
    """Interactions as (user, item) by their ids."""
    return [
        (found.user_ids[user], found.item_ids[item])
        for user, item in zip(found.user.tolist(), found.item.tolist(), strict=True)
    ]


def test_only_the_first_of_a_users_events_on_an_item_is_one():
    found = read([event(1), event(2, item_id="north"), event(3), event(4, user_id="bob")])
    assert named(found) == [("ada", "east"), ("ada", "north"), ("bob", "east")]
    assert found.line.tolist() == [0, 1, 3]
    assert found.before_user.tolist() == [0, 1, 0]
    assert found.before_item.tolist() == [0, 0, 1]


def test_a_low_rating_is_one_like_a_high_one():
    found = read([event(1, action="rating", value=0.5), event(2, item_id="up", action="rating")])
    assert named(found) == [("ada", "east"), ("ada", "up")]


def test_an_item_that_was_met_by_a_dislike_is_never_an_answer():
    found = read([event(1, action="dislike"), event(2), event(3, item_id="north")])
    assert named(found) == [("ada", "north")]


def test_an_impression_neither_is_one_nor_hides_one():
    found = read([event(1, action="impression"), event(2)])
    assert named(found) == [("ada", "east")]
    assert found.line.tolist() == [1]


def test_searches_and_broken_lines_are_left_out_but_count_as_lines():
    search = event(1, action="search", item_id=None, text="stars")
    found = read([search, b"{", {"event_id": "x"}, event(2)])
    assert named(found) == [("ada", "east")]
    assert found.line.tolist() == [3]


def test_items_that_are_unknown_or_withdrawn_are_left_out():
    withdrawn = {"item_id": "north", "title": "North", "available": False}
    found = read([event(1, item_id="nowhere"), event(2, item_id="north")], [*ITEMS, withdrawn])
    assert len(found) == 0
    assert found.item_ids == ["east", "up"]


def test_an_item_that_is_withdrawn_without_a_title_is_left_out_until_it_is_back():
    withdrawn = {"item_id": "up", "available": False}
    back = next(item for item in ITEMS if item["item_id"] == "up")
    assert read([event(1)], [*ITEMS, withdrawn]).item_ids == ["east", "north"]
    found = read([event(1)], [*ITEMS, withdrawn, back])
    assert sorted(found.item_ids) == ["east", "north", "up"]


def test_the_time_of_a_late_event_is_that_of_the_newest_before_it():
    found = read([event(1), event(2, item_id="up", event_time=NOON_MS - 1_000)])
    assert found.time_ms.tolist() == [NOON_MS, NOON_MS]


def test_actions_of_the_configuration_count():
    config = load_config(overrides=["actions.wish.weight=1"])
    assert len(read([event(1, action="wish")], config=config)) == 1
    assert len(read([event(1, action="wish")])) == 0


@pytest.mark.parametrize("changed", [{"item_id": "up"}, {"event_time": NOON_MS + 1}])
def test_the_fingerprint_changes_with_an_event(changed):
    assert read([event(1)]).fingerprint != read([event(1, **changed)]).fingerprint
    assert read([event(1)]).fingerprint == read([event(1)]).fingerprint
