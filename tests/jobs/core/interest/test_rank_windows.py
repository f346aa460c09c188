"""Weights of `recent` and `session`, compared with a loop over users in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings

from jobs.core.interest.last_interactions import update_last
from jobs.core.interest.rank_windows import recent_weights, session_moved, session_weights
from jobs.core.interest.user_state import Layout, Records
from tests.builders import MINUTE_MS, NOON_MS
from tests.jobs.core.interest.builders import Weighed, contributions, weighed_events

LAYOUT = Layout(8, ("day",), 6)
GAP_MS = 30 * MINUTE_MS


def records_of(events: list[Weighed], users: int = 1) -> Records:
    records = LAYOUT.empty(users)
    update_last(records, contributions(events))
    return records


def newest(events: list[Weighed], user: int) -> list[Weighed]:
    likes = [e for e in events if e.user == user and e.likes and e.weight > 0]
    return sorted(likes, key=lambda e: (e.time_ms, e.key), reverse=True)[:6]


def weight_of(event: Weighed) -> float:
    """The event's weight; an undone event keeps its rank and its time, and has none."""
    return event.weight if event.multiplicity else 0.0


@settings(max_examples=80, deadline=None)
@given(weighed_events(2))
def test_recent_halves_every_three_interactions(events):
    weights = recent_weights(records_of(events, 2), 3.0)
    for user in (0, 1):
        expected = [weight_of(e) * 0.5 ** (rank / 3) for rank, e in enumerate(newest(events, user))]
        assert weights[user].tolist() == pytest.approx(expected + [0.0] * (6 - len(expected)))


@settings(max_examples=80, deadline=None)
@given(weighed_events(2))
def test_a_session_ends_at_the_first_long_pause(events):
    weights = session_weights(records_of(events, 2), GAP_MS)
    for user in (0, 1):
        expected: list[float] = []
        before_ms = None
        for e in newest(events, user):
            if before_ms is not None and before_ms - e.time_ms > GAP_MS:
                break
            expected.append(weight_of(e))
            before_ms = e.time_ms
        assert weights[user].tolist() == expected + [0.0] * (6 - len(expected))


@pytest.mark.parametrize(("pause_ms", "together"), [(GAP_MS, 2), (GAP_MS + 1, 1)])
def test_a_pause_of_exactly_the_gap_is_within_the_session(pause_ms, together):
    events = [Weighed(0, NOON_MS, 1, 1.0, 0), Weighed(0, NOON_MS - pause_ms, 2, 1.0, 1)]
    assert session_weights(records_of(events), GAP_MS).sum() == together


def test_an_undone_interaction_still_bridges_a_session():
    last = [NOON_MS, NOON_MS - GAP_MS, NOON_MS - 2 * GAP_MS]
    events = [Weighed(0, ms, n, 1.0, 0, multiplicity=float(n != 1)) for n, ms in enumerate(last)]
    records = records_of(events)
    assert session_weights(records, GAP_MS)[0].tolist() == [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert recent_weights(records, 1.0)[0].tolist() == [1.0, 0.0, 0.25, 0.0, 0.0, 0.0]


def test_a_user_without_interactions_has_neither():
    empty = LAYOUT.empty(1)
    assert recent_weights(empty, 3.0).tolist() == [[0.0] * 6]
    assert session_weights(empty, GAP_MS).tolist() == [[0.0] * 6]


@pytest.mark.parametrize(
    ("weights", "unwritten", "moved"),
    [
        ([1, 1, 1, 1, 1, 0], 1, True),
        ([1, 1, 1, 1, 1, 1], 1, False),
        ([1, 1, 1, 1, 1, 1], 2, True),
        # One heavy interaction is a fifth by itself, light ones are only together.
        ([3, 1, 1, 1, 1, 1], 1, True),
        ([0.5, 0.5, 2, 2, 2, 2], 2, False),
        ([1, 0, 0, 0, 0, 0], 0, False),
        ([0, 0, 0, 0, 0, 0], 3, True),
    ],
)
def test_a_session_has_moved_when_a_fifth_of_it_is_new(weights, unwritten, moved):
    found = session_moved(np.array([weights], dtype=np.float32), np.array([unwritten]), 0.2)
    assert found.tolist() == [moved]
