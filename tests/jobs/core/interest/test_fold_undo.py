"""Undoing in the fold: an event that is undone counts no more, whichever arrives first."""

import numpy as np
import pytest

from jobs.core.interest.undo import UNDO_ENTRY
from jobs.core.interest.user_state import UserEntry
from tests.builders import (
    EAST,
    MINUTE_MS,
    NOON_MS,
    UP,
    half,
)
from tests.jobs.core.interest.fold_builders import CART, INTEREST, Happening, after, like, unlike


@pytest.mark.parametrize("batches", [([0], [1]), ([1], [0]), ([0, 1],), ([1, 0],)])
def test_an_unlike_leaves_a_user_with_counts_and_nothing_else(batches):
    events = [like(1), unlike(2)]
    made = after(*([events[place] for place in batch] for batch in batches))
    assert made.tables.windows == {}
    assert made.tables.users == {0: (2, NOON_MS + 2 * MINUTE_MS, [])}


def test_an_unlike_takes_back_every_like_before_it_and_a_like_after_it_stands():
    made = after([like(1), like(2, weight=1.0)], [unlike(3)], [like(4, weight=2.0)])
    assert made.tables.rows()["session"][1] == 2.0
    assert made.tables.rows()["month"][1] == pytest.approx(2.0)
    assert made.tables.vectors()["recent"] == list(EAST)


def test_what_is_left_after_an_unlike_keeps_its_rank_and_its_session():
    gap = 20  # minutes: the undone like bridges north and up
    made = after([like(0, "north"), like(gap, "east"), like(2 * gap, "up")], [unlike(50, "east")])
    rows = made.tables.rows()
    assert rows["session"][1] == 6.0
    assert rows["recent"][1] == pytest.approx(3 + 3 * 2 ** (-2 / 3))
    assert rows["recent"][2] == NOON_MS + 2 * gap * MINUTE_MS
    # The undone one counts neither by weight nor in size.
    assert {(interest.item_id, interest.size) for interest in made.tables.interests()} == {
        ("up", 1),
        ("north", 1),
    }


def test_undoing_a_dislike_takes_the_dislikes_row():
    made = after([like(1, weight=-3.0)])
    assert made.tables.vectors() == {"dislikes": list(EAST)}
    made.batch(unlike(2))
    assert made.tables.windows == {}


def test_only_the_undone_action_is_taken_back():
    purchase = Happening(0, NOON_MS, 9, 5.0, "east", mark=CART)
    view = Happening(0, NOON_MS, 10, 1.0, "east")
    made = after([like(1), purchase, view], [unlike(2)])
    assert made.tables.rows()["recent"][1] == pytest.approx(5 * 2 ** (-2 / 3) + 2 ** (-1 / 3))


def test_what_is_undone_is_taken_off_with_the_items_vector_of_now():
    # Two likes of east, which becomes up: what is left of one is 3 east + 3 east - 3 up.
    made = after([Happening(0, NOON_MS, 1, 3.0, "east"), like(0)])
    made.catalogue.put("east", half(UP))
    made.batch(unlike(2))
    np.testing.assert_allclose(
        made.tables.vectors()["month"], np.array([2, 0, -1, 0]) / 5**0.5, atol=1e-3
    )


def marks_in(entry: UserEntry) -> list[int]:
    return [int(key) for key in np.frombuffer(entry.undo_log, dtype=UNDO_ENTRY)["key"]]


def test_what_can_be_undone_is_remembered_as_far_as_configured():
    interest = INTEREST.model_copy(update={"undo_last_n": 2})
    made = after([like(1, "north")], [like(2)], [like(3)], interest=interest)
    assert marks_in(made.entry()) == [2, 3]
    made.batch(unlike(4, "north"))
    # Too old: it stays counted.
    assert made.tables.rows()["session"][1] == 9.0
    made.batch(unlike(5))
    assert made.tables.rows()["session"][1] == 6.0


def test_a_configuration_without_undoing_undoes_nothing_even_within_a_batch():
    interest = INTEREST.model_copy(update={"undo_last_n": 0})
    for batches in ([[like(1)], [unlike(2)]], [[like(1), unlike(2)]], [[unlike(2)], [like(1)]]):
        made = after(*batches, interest=interest)
        assert made.tables.vectors()["recent"] == list(EAST)
        assert made.entry().undo_log == b""


def test_events_that_neither_undo_nor_can_be_undone_leave_no_mark():
    made = after(
        [Happening(0, NOON_MS, 1, 3.0, "east"), Happening(0, NOON_MS, 2, 2.0, None, "red shoes")]
    )
    assert made.entry().undo_log == b""
