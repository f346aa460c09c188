"""What each user did with each item."""

from collections.abc import Iterable

from bench.recompute.result import UserItem
from bench.recompute.validation import Event


def user_items(events: Iterable[tuple[Event, int]]) -> dict[tuple[str, str], UserItem]:
    """events: accepted events with their keys, a user's oldest first by (time, key)."""
    seen: dict[tuple[str, str], list[tuple[Event, int]]] = {}
    for event, key in events:
        if event.item_id is not None:
            seen.setdefault((event.user_id, event.item_id), []).append((event, key))
    return {pair: _relation(history) for pair, history in seen.items()}


def _relation(history: list[tuple[Event, int]]) -> UserItem:
    signals = [(event, key) for event, key in history if event.weight != 0]
    newest, newest_key = signals[-1] if signals else (None, 0)
    return UserItem(
        actions=frozenset(event.action for event, _ in history),
        first_ms=history[0][0].time_ms,
        last_ms=history[-1][0].time_ms,
        signal=newest.weight if newest is not None else None,
        signal_ms=newest.time_ms if newest is not None else None,
        signal_key=newest_key - 2**63 if newest is not None else None,
    )
