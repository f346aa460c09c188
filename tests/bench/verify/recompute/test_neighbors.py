"""Neighbours of items: expected strengths are computed by hand."""

from typing import Any

import pytest

from bench.verify.recompute import Expected, Record, recompute
from bench.verify.recompute.neighbors import Neighbors
from tests.bench.verify.builders import DAY_MS, MINUTE_MS, NOON_MS, catalogue, event, vectors

YEAR_MS = 365 * DAY_MS


def expected(*events: Record) -> Neighbors:
    found: Expected = recompute(catalogue(), events, vectors=vectors, now_ms=NOON_MS + DAY_MS)
    return found.neighbors


def as_of(neighbors: Neighbors, time_ms: int = NOON_MS) -> dict[tuple[str, str], Any]:
    """Strengths as of a time, those of 0 left out."""
    growth = 2.0 ** ((neighbors.as_of_ms - time_ms) / YEAR_MS)
    return {
        (item, other): pytest.approx(strength * growth, rel=1e-3)
        for item, by in neighbors.strengths.items()
        for other, strength in by.items()
        if abs(strength) > 1e-9
    }


def test_a_pair_counts_by_distance_and_half_of_it_backward():
    found = expected(
        event(1, "like", NOON_MS, "up"),
        event(2, "view", NOON_MS + MINUTE_MS, "west"),
        event(3, "like", NOON_MS + 2 * MINUTE_MS, "east"),
    )
    assert as_of(found) == {
        ("up", "west"): 1,
        ("west", "up"): 0.5,
        ("west", "east"): 1,
        ("east", "west"): 0.5,
        ("up", "east"): 0.5**0.5,
        ("east", "up"): 0.5 * 0.5**0.5,
    }
    assert found.interactions.keys() == {"up", "west", "east"}
    assert found.undecided == set()


def test_a_weight_below_one_and_the_age_make_it_less():
    found = expected(
        event(1, "dwell", NOON_MS - YEAR_MS, "up", value=30),
        event(2, "like", NOON_MS - YEAR_MS + 1, "west"),
    )
    assert as_of(found) == {("up", "west"): 0.25, ("west", "up"): 0.125}


@pytest.mark.parametrize("late", [0, 1])
def test_a_late_interaction_and_an_undone_one_leave_what_the_sorted_sequence_has(late):
    events = [
        event(1, "like", NOON_MS, "up"),
        event(2, "like", NOON_MS + 1, "west"),
        event(3, "view", NOON_MS + 2, "east"),
    ]
    undo = event(4, "unlike", NOON_MS + 3, "west")
    read = [events[0], events[2], events[1], undo] if late else [*events, undo]
    assert as_of(expected(*read)) == {("up", "east"): 1, ("east", "up"): 0.5}


def test_what_comes_too_late_takes_no_part():
    recent = [
        event(number, "view", NOON_MS + number, ["up", "west"][number % 2]) for number in range(13)
    ]
    found = expected(*recent, event(99, "like", NOON_MS - 1, "east"))
    assert as_of(found) == as_of(expected(*recent))
    assert "east" not in found.interactions


def test_items_of_people_whose_texts_may_come_too_late_are_not_decided():
    search = event(50, "search", NOON_MS - 1, None, text="North")
    few = [event(number, "view", NOON_MS + number, "up") for number in range(12)]
    many = [event(number, "view", NOON_MS + number, "up") for number in range(20)]
    assert expected(search, *few).undecided == set()
    assert expected(search, *many).undecided == {"up"}


@pytest.mark.parametrize("value", [0.5, 2.5])
def test_a_rating_that_is_replaced_by_a_bad_one_leaves_no_pairs(value):
    events = [
        event(1, "like", NOON_MS, "up"),
        event(2, "rating", NOON_MS + 1, "west", value=5),
        event(3, "view", NOON_MS + 2, "east"),
        event(4, "rating", NOON_MS + 3, "west", value=value),
    ]
    only = {("up", "east"): 1, ("east", "up"): 0.5}
    assert as_of(expected(*events)) == only
    # The better one comes late.
    assert as_of(expected(events[0], events[2], events[3], events[1])) == only


def test_a_rating_that_is_replaced_by_a_good_one_pairs_where_the_new_one_stands():
    events = [
        event(1, "rating", NOON_MS, "west", value=5),
        event(2, "like", NOON_MS + 1, "up"),
        event(3, "rating", NOON_MS + 2, "west", value=4),
    ]
    assert as_of(expected(*events)) == {("up", "west"): 1, ("west", "up"): 0.5}


def test_pairs_of_people_who_replace_a_rating_among_late_texts_are_not_decided():
    search = event(50, "search", NOON_MS + 17, None, text="North")
    rated = [event(number, "rating", NOON_MS + number, "up", value=5) for number in range(2)]
    views = [event(10 + number, "view", NOON_MS + 2 + number, "east") for number in range(18)]
    assert expected(search, *rated[:1], *views).undecided == set()
    assert expected(search, *rated, *views).undecided == {"up", "east"}
