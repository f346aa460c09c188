"""What the oracle makes of undone and replaced events, against sums done by hand."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from bench.verify.recompute import ACTIONS, Expected, Record, User, recompute
from tests.bench.verify.builders import (
    DAY_MS,
    MINUTE_MS,
    NOON_MS,
    NOW_MS,
    catalogue,
    event,
    key_of,
    row,
    vectors,
)


def expect(events: Iterable[Record]) -> Expected:
    return recompute(catalogue(), events, vectors=vectors, now_ms=NOW_MS)


LIKE = event(1, "like", NOON_MS, "east")
UNLIKE = event(2, "unlike", NOON_MS + 5, "east")
VIEW = event(3, "view", NOON_MS - DAY_MS, "north")


@pytest.mark.parametrize("events", [[VIEW, LIKE, UNLIKE], [UNLIKE, LIKE, VIEW]])
def test_an_undone_event_is_in_no_sum_but_keeps_its_rank_and_its_time(
    events: list[Record],
) -> None:
    expected = expect(events)
    # The like is rank 0 and the newest time, so the view has rank 1 and is a day old.
    month = 2 ** (-1 / 30)
    left = {"recent": 2 ** (-1 / 3), "day": 0.5, "month": month, "topics": month}
    for kind, remaining in left.items():
        unit, weight, as_of = row(expected, kind)
        assert unit == [0.0, 1.0, 0.0]
        assert weight == pytest.approx(remaining)
        assert as_of == NOON_MS
    # The view lies before the session, and the session is the like alone.
    assert ("ada", "session") not in expected.windows.rows
    assert expected.users == {"ada": User(3, NOON_MS + 5)}
    pair = expected.user_items["ada", "east"]
    assert pair.actions == {"like", "unlike"}
    assert (pair.signal, pair.signal_ms) == (0.0, NOON_MS + 5)
    assert pair.signal_key == key_of(2) - 2**63


def test_only_earlier_events_of_the_same_action_and_item_are_undone() -> None:
    expected = expect(
        [
            event(1, "like", NOON_MS, "east"),
            event(2, "like", NOON_MS + 1, "east"),
            event(3, "cart", NOON_MS + 2, "east"),
            event(4, "like", NOON_MS + 3, "north"),
            event(5, "unlike", NOON_MS + 4, "east"),
            event(6, "like", NOON_MS + 5, "east"),
            event(7, "like", NOON_MS, "east", user="bob"),
        ]
    )
    # Of East the cart (3) and the last like (3), of North the like (3).
    assert row(expected, "session")[1] == 9.0
    assert row(expected, "session")[0] == pytest.approx([2 / 5**0.5, 1 / 5**0.5, 0.0])
    assert row(expected, "session", "bob")[1] == 3.0


def test_a_window_whose_events_are_all_undone_has_no_row() -> None:
    expected = expect(
        [event(1, "dislike", NOON_MS, "up"), event(2, "undislike", NOON_MS + 1, "up")]
    )
    assert expected.windows.keys == []
    assert expected.users == {"ada": User(2, NOON_MS + 1)}


def test_an_undo_of_nothing_is_a_signal_all_the_same() -> None:
    expected = expect([event(1, "return", NOON_MS, "up")])
    assert expected.windows.keys == []
    assert expected.user_items["ada", "up"].signal == 0.0


@pytest.mark.parametrize(("seconds", "has_row"), [(0.0059, False), (0.0062, True)])
def test_a_window_that_weighs_less_than_a_ten_thousandth_has_no_row(
    seconds: float, has_row: bool
) -> None:
    # A dwell of 0.006 s weighs 2 * 0.006 / 120 = 0.0001.
    expected = expect([event(1, "dwell", NOON_MS, "up", value=seconds)])
    assert (("ada", "day") in expected.windows.rows) is has_row


def test_beyond_the_64_that_are_remembered_the_input_does_not_decide() -> None:
    likes = [event(n, "like", NOON_MS + n * MINUTE_MS, "up") for n in range(63)]
    undo = event(99, "unlike", NOON_MS + DAY_MS, "east")
    first = event(98, "like", NOON_MS - 1, "east")
    assert expect([*likes[:62], first, undo]).undecided == frozenset()
    assert expect([*likes, first, undo]).undecided == {"ada"}
    # None of the forgotten events is undone.
    assert expect([*likes, first]).undecided == frozenset()


def test_rounding_may_leave_a_millionth_of_the_sum_of_all_added_weights() -> None:
    expected = expect([VIEW, LIKE, UNLIKE])
    at = expected.windows.rows["ada", "month"]
    view = 2 ** (-1 / 30)
    assert expected.windows.slack[at] == pytest.approx((view + 3 + 3) * 1e-6)


FIVE = event(4, "rating", NOON_MS, "east", value=5)
HALF_A_STAR = event(5, "rating", NOON_MS + 7, "east", value=0.5)


@pytest.mark.parametrize("events", [[VIEW, FIVE, HALF_A_STAR], [HALF_A_STAR, FIVE, VIEW]])
def test_a_rating_takes_the_place_of_the_one_before(events: list[Record]) -> None:
    expected = expect(events)
    month = 2 ** (-1 / 30)
    for kind, remaining in {"recent": 2 ** (-1 / 3), "day": 0.5, "topics": month}.items():
        unit, weight, as_of = row(expected, kind)
        assert unit == [0.0, 1.0, 0.0]
        assert weight == pytest.approx(remaining)
        assert as_of == NOON_MS
    # Half a star of five: 4 * (2.5 - 0.5) / 2.5.
    unit, weight, as_of = row(expected, "dislikes")
    assert (unit, as_of) == ([1.0, 0.0, 0.0], NOON_MS + 7)
    assert weight == pytest.approx(3.2)
    pair = expected.user_items["ada", "east"]
    assert pair.signal == pytest.approx(-3.2)
    assert pair.signal_ms == NOON_MS + 7
    # The view is liked, and the rating is not.
    assert expected.neighbors.interactions["east"] == pytest.approx(0, abs=1e-9)
    assert expected.neighbors.interactions["north"] > 0


def test_a_neutral_rating_is_a_signal_of_zero_and_leaves_nothing_of_the_former_one() -> None:
    expected = expect([FIVE, event(6, "rating", NOON_MS + 9, "east", value=2.5)])
    assert expected.windows.keys == []
    assert expected.user_items["ada", "east"].signal == 0.0


def test_ratings_of_other_items_and_users_and_other_actions_stay() -> None:
    expected = expect(
        [
            FIVE,
            event(7, "rating", NOON_MS + 8, "north", value=5),
            event(8, "like", NOON_MS, "east"),
            event(9, "rating", NOON_MS + 8, "east", value=5, user="bob"),
            HALF_A_STAR,
        ]
    )
    assert row(expected, "session")[1] == 7.0
    assert row(expected, "session", "bob")[1] == 4.0


def test_ratings_add_up_where_the_action_says_so() -> None:
    add = {**ACTIONS, "rating": replace(ACTIONS["rating"], replaces=False)}
    expected = recompute(
        catalogue(), [FIVE, HALF_A_STAR], vectors=vectors, now_ms=NOW_MS, actions=add
    )
    assert row(expected, "session")[1] == 4.0
    assert row(expected, "dislikes")[1] == pytest.approx(3.2)


def test_a_rating_of_more_than_64_before_may_be_replaced_or_not() -> None:
    others = [event(n, "like", NOON_MS + n, "up") for n in range(10, 75)]
    again = event(99, "rating", NOON_MS + DAY_MS, "east", value=0.5)
    assert expect([FIVE, *others[:62], again]).undecided == frozenset()
    assert expect([FIVE, *others, again]).undecided == {"ada"}
