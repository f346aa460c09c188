"""Half-life windows, compared with the closed form in float64, in any order and batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.decayed_sums import Window, update_sums
from jobs.core.interest.user_state import NEVER, Layout, Records
from tests.builders import DAY_MS, NOON_MS
from tests.jobs.core.interest.builders import (
    VECTORS,
    Weighed,
    contributions,
    in_batches,
    weighed_events,
    with_undos,
)
from tests.jobs.core.kernels.arithmetic import arithmetic  # noqa: F401

DIM = VECTORS.shape[1]
WINDOWS = (
    Window("day", DAY_MS),
    Window("month", 30 * DAY_MS),
    Window("topics", 30 * DAY_MS, sign=0),
    Window("dislikes", 30 * DAY_MS, sign=-1),
)
DAY, MONTH, TOPICS, DISLIKES = range(4)
LAYOUT = Layout(DIM, tuple(window.name for window in WINDOWS), 4)


def folded(batches: list[list[Weighed]], users: int = 2) -> Records:
    records = LAYOUT.empty(users)
    for batch in batches:
        update_sums(records, contributions(batch), WINDOWS)
    return records


def belongs(event: Weighed, window: Window) -> bool:
    if window.name == "topics":
        return event.engages
    return event.likes and (event.weight > 0) == (window.sign > 0)


def closed_form(
    events: list[Weighed], window: Window, user: int
) -> tuple[NDArray[np.float64], float, int]:
    """Sum, weight and reference time of a user's window by its definition."""
    mine = [e for e in events if e.user == user and belongs(e, window)]
    if not mine:
        return np.zeros(DIM), 0.0, NEVER
    newest = max(e.time_ms for e in mine)
    undone = {e.key for e in mine if e.multiplicity < 0}
    shares = [
        abs(e.weight) * 2.0 ** (-(newest - e.time_ms) / window.half_life_ms)
        if e.multiplicity > 0 and e.key not in undone
        else 0.0
        for e in mine
    ]
    total = sum(s * VECTORS[e.row].astype(np.float64) for s, e in zip(shares, mine, strict=True))
    return np.asarray(total), sum(shares), newest


def assert_closed_form(records: Records, events: list[Weighed]) -> None:
    for user in range(len(records)):
        for index, window in enumerate(WINDOWS):
            total, weight, as_of = closed_form(events, window, user)
            assert records["as_of"][user, index] == as_of
            # After an undo, a rest of 1e-10 of its weight may be too much or too little.
            assert records["weight"][user, index] == pytest.approx(weight, rel=1e-12, abs=2e-9)
            # Sums are float32: subtracted events leave their rounding error behind, so the bound
            # grows with the weight before undoing (at most 20 here), not with the rest.
            np.testing.assert_allclose(
                records["sum"][user, index], total, atol=2e-6 * (20 + weight)
            )


@settings(max_examples=80, deadline=None)
@given(
    weighed_events(2), st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=4)
)
def test_any_order_in_any_batches_gives_the_closed_form(events, random, cuts):
    random.shuffle(events)
    assert_closed_form(folded(in_batches(events, cuts)), events)


@settings(max_examples=80, deadline=None)
@given(
    weighed_events(2),
    st.lists(st.integers(0, 99), max_size=9),
    st.lists(st.integers(0, 99), max_size=4),
)
def test_an_undone_event_counts_no_more_in_any_batches(events, undone_events, cuts):
    history = with_undos(events, undone_events)
    assert_closed_form(folded(in_batches(history, cuts)), history)


def test_a_late_event_counts_with_its_age():
    newest = Weighed(0, NOON_MS, 1, 1.0, 0)
    late = Weighed(0, NOON_MS - DAY_MS, 2, 2.0, 1)
    records = folded([[newest], [late]])
    expected = VECTORS[0] + 1.0 * VECTORS[1]  # 2 * 2^-1
    np.testing.assert_allclose(records["sum"][0, DAY], expected, atol=1e-6)
    assert records["weight"][0, DAY] == 2.0
    assert records["as_of"][0, DAY] == NOON_MS


def test_the_newest_event_counts_in_full_after_ten_years():
    old = Weighed(0, NOON_MS - 3650 * DAY_MS, 1, 5.0, 0)
    new = Weighed(0, NOON_MS, 2, 1.0, 1)
    records = folded([[old], [new]])
    np.testing.assert_allclose(records["sum"][0, DAY], VECTORS[1], atol=1e-7)
    assert records["weight"][0, DAY] == 1.0


def test_likes_and_dislikes_stay_apart():
    records = folded([[Weighed(0, NOON_MS, 1, 3.0, 0), Weighed(0, NOON_MS + 1, 2, -0.5, 1)]])
    assert records["weight"][0].tolist() == [3.0, 3.0, 3.0, 0.5]
    assert records["as_of"][0].tolist() == [NOON_MS, NOON_MS, NOON_MS, NOON_MS + 1]


def test_engagement_moves_topics_alone_and_likes_alone_do_not_move_them():
    engagement = Weighed(0, NOON_MS, 1, 1.0, 0, counts_toward="topics")
    liking = Weighed(0, NOON_MS + 1, 2, 3.0, 1, counts_toward="likes")
    records = folded([[engagement, liking]])
    assert records["weight"][0].tolist() == [3.0, 3.0, 1.0, 0.0]
    np.testing.assert_allclose(records["sum"][0, TOPICS], VECTORS[0], atol=1e-7)


def test_an_event_that_was_undone_early_moves_the_time_and_no_sum():
    old = Weighed(0, NOON_MS - DAY_MS, 1, 4.0, 0)
    undone = Weighed(0, NOON_MS, 2, 3.0, 1, multiplicity=0.0)
    records = folded([[old], [undone]])
    assert records["as_of"][0, DAY] == NOON_MS
    assert records["weight"][0, DAY] == 2.0  # a day old
    np.testing.assert_allclose(records["sum"][0, DAY], 2 * VECTORS[0], atol=1e-6)


def test_a_window_whose_events_are_all_undone_is_empty():
    # Decay and subtraction round differently.
    event = Weighed(0, NOON_MS - 100 * DAY_MS, 1, 0.7, 0)
    newer = Weighed(0, NOON_MS, 2, 0.3, 1)
    records = folded(
        [[event], [newer], [newer._replace(multiplicity=-1.0)], [event._replace(multiplicity=-1.0)]]
    )
    assert records["weight"][0].tolist() == [0.0] * 4
    assert not records["sum"][0].any()
    assert records["as_of"][0].tolist() == [NOON_MS, NOON_MS, NOON_MS, NEVER]


def test_gained_and_lost_weight_is_unwritten():
    like, dislike = Weighed(0, NOON_MS, 1, 3.0, 0), Weighed(0, NOON_MS, 2, -0.5, 1)
    records = folded([[like], [dislike], [like._replace(multiplicity=-1.0)]])
    assert records["unwritten"][0].tolist() == [6.0, 6.0, 6.0, 0.5, 0.0]


def test_a_window_whose_time_alone_moved_is_unwritten():
    records = folded([[Weighed(0, NOON_MS, 1, 3.0, 0, multiplicity=0.0)]])
    assert (records["unwritten"][0] > 0).tolist() == [True, True, True, False, False]


def test_an_event_of_one_user_leaves_the_others_alone():
    records = folded([[Weighed(1, NOON_MS, 1, 3.0, 0)]])
    before = records[1].tobytes()
    update_sums(records, contributions([Weighed(0, NOON_MS + DAY_MS, 2, 1.0, 1)]), WINDOWS)
    assert records[1].tobytes() == before


def test_a_configuration_without_half_life_windows_keeps_none():
    records = Layout(DIM, (), 4).empty(1)
    update_sums(records, contributions([Weighed(0, NOON_MS, 1, 3.0, 0)]), ())
    assert records["sum"].size == records["weight"].size == 0
