"""What `user_items` tells of single events."""

from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.serve.what_if.past_events import PastEvent, past_events

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = 1_772_366_400_000


def row(item: str, *names: str, signal: float | None, seconds: float = 0.0) -> dict[str, Any]:
    """A row whose first event was at noon and whose newest came some seconds later."""
    return {
        "item_id": item,
        "names": list(names),
        "first_at": NOON,
        "signal": signal,
        "signal_at": None if signal is None else NOON + timedelta(seconds=seconds),
    }


def test_a_view_and_a_like_are_two_events_at_their_times():
    assert past_events([row("a", "view", "like", signal=3.0, seconds=9)], DEFAULT_ACTIONS) == [
        PastEvent("a", 3.0, NOON_MS + 9_000),
        PastEvent("a", 1.0, NOON_MS),
    ]


def test_the_value_of_a_rating_is_known_where_it_came_last():
    found = past_events([row("a", "view", "rating", signal=-2.0, seconds=60)], DEFAULT_ACTIONS)
    assert found == [PastEvent("a", -2.0, NOON_MS + 60_000), PastEvent("a", 1.0, NOON_MS)]


def test_an_undone_like_counts_for_nothing_and_the_view_before_it_does():
    found = past_events(
        [row("a", "view", "like", "unlike", signal=0.0, seconds=5)], DEFAULT_ACTIONS
    )
    assert found == [PastEvent("a", 1.0, NOON_MS)]


def test_impressions_and_rows_without_a_weight_tell_of_no_event():
    rows = [row("a", "impression", signal=None), row("b", "impression", "view", signal=1.0)]
    assert past_events(rows, DEFAULT_ACTIONS) == [PastEvent("b", 1.0, NOON_MS)]


def test_events_come_newest_first_whatever_the_order_of_rows():
    rows = [row("old", "view", signal=1.0), row("new", "like", signal=3.0, seconds=60)]
    found = past_events(rows, DEFAULT_ACTIONS)
    assert [event.item_id for event in found] == ["new", "old"]
