"""Undoing in the fold: an undone event does not count, whichever event arrives first."""

import numpy as np
import pytest

from jobs.core.interest.undo import UNDO_ENTRY
from jobs.core.interest.user_state import UserEntry
from tests.builders import (
    DAY_MS,
    EAST,
    MINUTE_MS,
    NOON_MS,
    UP,
    half,
)
from tests.jobs.core.interest.fold_builders import (
    CART,
    INTEREST,
    Happening,
    after,
    like,
    rating,
    unlike,
)


@pytest.mark.parametrize("batches", [([0], [1]), ([1], [0]), ([0, 1],), ([1, 0],)])
def test_an_unlike_leaves_a_users_event_count_and_no_rows(batches):
    events = [like(1), unlike(2)]
    made = after(*([events[index] for index in batch] for batch in batches))
    assert made.tables.windows == {}
    assert made.tables.users == {0: (2, NOON_MS + 2 * MINUTE_MS, [])}


def test_an_unlike_undoes_every_like_before_it_and_none_after_it():
    made = after([like(1), like(2, weight=1.0)], [unlike(3)], [like(4, weight=2.0)])
    assert made.tables.rows()["session"][1] == 2.0
    assert made.tables.rows()["month"][1] == pytest.approx(2.0)
    assert made.tables.vectors()["recent"] == list(EAST)


def test_other_interactions_keep_their_rank_and_session_after_an_unlike():
    gap = 20  # minutes: the undone like bridges north and up
    made = after([like(0, "north"), like(gap, "east"), like(2 * gap, "up")], [unlike(50, "east")])
    rows = made.tables.rows()
    assert rows["session"][1] == 6.0
    assert rows["recent"][1] == pytest.approx(3 + 3 * 2 ** (-2 / 3))
    assert rows["recent"][2] == NOON_MS + 2 * gap * MINUTE_MS
    # The undone like counts toward neither the weight nor the size of an interest.
    assert {(interest.item_id, interest.size) for interest in made.tables.interests()} == {
        ("up", 1),
        ("north", 1),
    }


def test_undoing_a_dislike_deletes_the_dislikes_row():
    made = after([like(1, weight=-3.0)])
    assert made.tables.vectors() == {"dislikes": list(EAST)}
    made.batch(unlike(2))
    assert made.tables.windows == {}


def test_an_undo_leaves_other_actions_on_the_item():
    purchase = Happening(0, NOON_MS, 9, 5.0, "east", undo_bit=CART)
    view = Happening(0, NOON_MS, 10, 1.0, "east")
    made = after([like(1), purchase, view], [unlike(2)])
    assert made.tables.rows()["recent"][1] == pytest.approx(5 * 2 ** (-2 / 3) + 2 ** (-1 / 3))


def test_an_undo_subtracts_the_items_current_vector():
    # Two likes of east, which becomes up: what is left of one is 3 east + 3 east - 3 up.
    made = after([Happening(0, NOON_MS, 1, 3.0, "east"), like(0)])
    made.catalogue.put("east", half(UP))
    made.batch(unlike(2))
    np.testing.assert_allclose(
        made.tables.vectors()["month"], np.array([2, 0, -1, 0]) / 5**0.5, atol=1e-3
    )


def logged_keys(entry: UserEntry) -> list[int]:
    return [int(key) for key in np.frombuffer(entry.undo_log, dtype=UNDO_ENTRY)["key"]]


def test_the_undo_log_keeps_as_many_events_as_configured():
    interest = INTEREST.model_copy(update={"undo_last_n": 2})
    made = after([like(1, "north")], [like(2)], [like(3)], interest=interest)
    assert logged_keys(made.entry()) == [2, 3]
    made.batch(unlike(4, "north"))
    # The like is no longer in the log, so it stays counted.
    assert made.tables.rows()["session"][1] == 9.0
    made.batch(unlike(5))
    assert made.tables.rows()["session"][1] == 6.0


def test_without_an_undo_log_no_event_is_undone_even_within_a_batch():
    interest = INTEREST.model_copy(update={"undo_last_n": 0})
    for batches in ([[like(1)], [unlike(2)]], [[like(1), unlike(2)]], [[unlike(2)], [like(1)]]):
        made = after(*batches, interest=interest)
        assert made.tables.vectors()["recent"] == list(EAST)
        assert made.entry().undo_log == b""


def test_events_that_neither_undo_nor_can_be_undone_are_not_logged():
    made = after(
        [Happening(0, NOON_MS, 1, 3.0, "east"), Happening(0, NOON_MS, 2, 2.0, None, "red shoes")]
    )
    assert made.entry().undo_log == b""


FIVE, HALF_A_STAR = rating(0, NOON_MS, 1, 4.0), rating(0, NOON_MS + DAY_MS, 2, -3.2)


@pytest.mark.parametrize("batches", [([0], [1]), ([1], [0]), ([0, 1],), ([1, 0],)])
def test_a_rating_replaces_the_one_before_whichever_arrives_first(batches):
    events = [FIVE, HALF_A_STAR]
    made = after(*([events[index] for index in batch] for batch in batches))
    # What is left of five stars is nothing, and half a star counts in full: -4 * (2.5 - 0.5) / 2.5.
    assert made.tables.vectors() == {"dislikes": list(EAST)}
    assert made.tables.rows()["dislikes"][1:] == (3.2, NOON_MS + DAY_MS)
    assert made.tables.users == {0: (2, NOON_MS + DAY_MS, [])}


def test_of_two_good_ratings_the_later_one_counts():
    made = after([like(0, "north")], [rating(0, NOON_MS + MINUTE_MS, 1, 4.0)])
    made.batch(rating(0, NOON_MS + DAY_MS, 2, 0.8))
    rows = made.tables.rows()
    # The replaced rating keeps rank 1, so that the like has rank 2.
    assert rows["recent"][1] == pytest.approx(0.8 + 3 * 2 ** (-2 / 3))
    assert rows["session"][1] == pytest.approx(0.8)
    assert rows["day"][1] == pytest.approx(0.8 + 3 / 2)
    assert rows["topics"][1] == pytest.approx(0.8 + 3 * 2 ** (-1 / 30))
    assert [interest.item_id for interest in made.tables.interests()] == ["north", "east"]


def test_a_neutral_rating_takes_the_former_one_back():
    made = after([FIVE], [rating(0, NOON_MS + 1, 2, 0.0)])
    assert made.tables.windows == {}


def test_a_rating_of_the_same_item_leaves_other_items_and_actions():
    made = after([FIVE, rating(0, NOON_MS, 3, 4.0, "north"), like(0)], [HALF_A_STAR])
    assert made.tables.rows()["session"][1] == 7.0
    assert made.tables.rows()["dislikes"][1] == pytest.approx(3.2)


def test_a_rating_after_an_undo_of_ratings_counts_and_one_before_it_does_not():
    unrate = rating(0, NOON_MS + 5, 5, 0.0)
    made = after([unrate], [rating(0, NOON_MS + 9, 9, 0.8), rating(0, NOON_MS + 2, 2, 4.0)])
    assert made.tables.rows()["month"][1] == pytest.approx(0.8)


def test_a_rating_that_has_left_the_undo_log_stays_counted():
    interest = INTEREST.model_copy(update={"undo_last_n": 2})
    others = [rating(0, NOON_MS + n, n, 1.0, "north" if n == 2 else "up") for n in (2, 3)]
    made = after([FIVE], others, [HALF_A_STAR], interest=interest)
    assert made.tables.rows()["month"][1] == pytest.approx(4 + 1 + 1)
    made = after([FIVE], others[:1], [HALF_A_STAR], interest=interest)
    assert made.tables.rows()["month"][1] == pytest.approx(1)


def test_ratings_from_before_they_were_logged_stay_counted():
    unlogged = Happening(0, NOON_MS, 1, 4.0, "east")
    made = after([unlogged], [HALF_A_STAR], [rating(0, NOON_MS + 2 * DAY_MS, 3, 0.8)])
    assert made.tables.rows()["session"][1] == pytest.approx(0.8)
    assert made.tables.rows()["day"][1] == pytest.approx(0.8 + 4 / 4)
    assert "dislikes" not in made.tables.rows()
