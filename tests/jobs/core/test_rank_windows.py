"""`recent` and `session`: weights by rank and by pause, user by user in plain Python."""

import pytest
from hypothesis import given, settings

from jobs.core.last_interactions import update_last
from jobs.core.rank_windows import recent_weights, session_weights
from jobs.core.user_state import Layout, Records
from tests.builders import MINUTE_MS, NOON_MS
from tests.jobs.core.builders import Told, contributions, told_events

LAYOUT = Layout(8, 1, 6)
GAP_MS = 30 * MINUTE_MS


def records_of(events: list[Told], users: int = 1) -> Records:
    return update_last(LAYOUT.empty(users), contributions(events))


def newest(events: list[Told], user: int) -> list[Told]:
    likes = [e for e in events if e.user == user and e.weight > 0]
    return sorted(likes, key=lambda e: (e.time_ms, e.key), reverse=True)[:6]


@settings(max_examples=80, deadline=None)
@given(told_events(2))
def test_recent_halves_every_three_interactions(events):
    weights = recent_weights(records_of(events, 2), 3.0)
    for user in (0, 1):
        expected = [e.weight * 0.5 ** (rank / 3) for rank, e in enumerate(newest(events, user))]
        assert weights[user].tolist() == pytest.approx(expected + [0.0] * (6 - len(expected)))


@settings(max_examples=80, deadline=None)
@given(told_events(2))
def test_a_session_ends_at_the_first_long_pause(events):
    weights = session_weights(records_of(events, 2), GAP_MS)
    for user in (0, 1):
        expected: list[float] = []
        before_ms = None
        for e in newest(events, user):
            if before_ms is not None and before_ms - e.time_ms > GAP_MS:
                break
            expected.append(e.weight)
            before_ms = e.time_ms
        assert weights[user].tolist() == expected + [0.0] * (6 - len(expected))


@pytest.mark.parametrize(("pause_ms", "together"), [(GAP_MS, 2), (GAP_MS + 1, 1)])
def test_a_pause_of_exactly_the_gap_is_within_the_session(pause_ms, together):
    events = [Told(0, NOON_MS, 1, 1.0, 0), Told(0, NOON_MS - pause_ms, 2, 1.0, 1)]
    assert session_weights(records_of(events), GAP_MS).sum() == together


def test_a_user_without_interactions_has_neither():
    empty = LAYOUT.empty(1)
    assert recent_weights(empty, 3.0).tolist() == [[0.0] * 6]
    assert session_weights(empty, GAP_MS).tolist() == [[0.0] * 6]
