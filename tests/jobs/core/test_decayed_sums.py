"""Half-life windows: the closed form in float64, whatever the order and the batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.decayed_sums import Window, update_sums
from jobs.core.user_state import NEVER, Layout, Records
from tests.builders import DAY_MS, NOON_MS
from tests.jobs.core.builders import VECTORS, Told, contributions, cut, told_events

DIM = VECTORS.shape[1]
WINDOWS = (
    Window("day", DAY_MS),
    Window("month", 30 * DAY_MS),
    Window("dislikes", 30 * DAY_MS, sign=-1),
)
LAYOUT = Layout(DIM, len(WINDOWS), 4)


def folded(batches: list[list[Told]], users: int = 2) -> Records:
    records = LAYOUT.empty(users)
    for batch in batches:
        records = update_sums(records, contributions(batch), WINDOWS)
    return records


def closed_form(
    events: list[Told], window: Window, user: int
) -> tuple[NDArray[np.float64], float, int]:
    """Sum, weight and reference time of a user's window, straight from its definition."""
    mine = [e for e in events if e.user == user and e.weight * window.sign > 0]
    if not mine:
        return np.zeros(DIM), 0.0, NEVER
    newest = max(e.time_ms for e in mine)
    shares = [abs(e.weight) * 2.0 ** (-(newest - e.time_ms) / window.half_life_ms) for e in mine]
    total = sum(s * VECTORS[e.row].astype(np.float64) for s, e in zip(shares, mine, strict=True))
    return np.asarray(total), sum(shares), newest


def assert_closed_form(records: Records, events: list[Told]) -> None:
    for user in range(len(records)):
        for index, window in enumerate(WINDOWS):
            total, weight, as_of = closed_form(events, window, user)
            assert records["as_of"][user, index] == as_of
            assert records["weight"][user, index] == pytest.approx(weight, rel=1e-12)
            np.testing.assert_allclose(records["sum"][user, index], total, atol=2e-6 * (1 + weight))


@settings(max_examples=80, deadline=None)
@given(told_events(2), st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=4))
def test_any_order_in_any_batches_gives_the_closed_form(events, random, places):
    random.shuffle(events)
    assert_closed_form(folded(cut(events, places)), events)


def test_a_late_event_counts_with_its_age():
    newest = Told(0, NOON_MS, 1, 1.0, 0)
    late = Told(0, NOON_MS - DAY_MS, 2, 2.0, 1)
    records = folded([[newest], [late]])
    expected = VECTORS[0] + 1.0 * VECTORS[1]  # 2 * 2^-1
    np.testing.assert_allclose(records["sum"][0, 0], expected, atol=1e-6)
    assert records["weight"][0, 0] == 2.0
    assert records["as_of"][0, 0] == NOON_MS


def test_the_newest_event_counts_in_full_after_ten_years():
    old = Told(0, NOON_MS - 3650 * DAY_MS, 1, 5.0, 0)
    new = Told(0, NOON_MS, 2, 1.0, 1)
    records = folded([[old], [new]])
    np.testing.assert_allclose(records["sum"][0, 0], VECTORS[1], atol=1e-7)
    assert records["weight"][0, 0] == 1.0


def test_likes_and_dislikes_stay_apart():
    records = folded([[Told(0, NOON_MS, 1, 3.0, 0), Told(0, NOON_MS + 1, 2, -0.5, 1)]])
    assert records["weight"][0].tolist() == [3.0, 3.0, 0.5]
    assert records["as_of"][0].tolist() == [NOON_MS, NOON_MS, NOON_MS + 1]


def test_records_given_are_not_changed():
    before = LAYOUT.empty(1)
    update_sums(before, contributions([Told(0, NOON_MS, 1, 3.0, 0)]), WINDOWS)
    assert before.tobytes() == LAYOUT.empty(1).tobytes()


def test_an_event_of_one_user_leaves_the_others_alone():
    first = folded([[Told(1, NOON_MS, 1, 3.0, 0)]])
    second = update_sums(first, contributions([Told(0, NOON_MS + DAY_MS, 2, 1.0, 1)]), WINDOWS)
    assert second[1].tobytes() == first[1].tobytes()
