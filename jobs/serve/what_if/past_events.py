"""The events of a user that `user_items` tells of, which keeps no single ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.action_settings import Action


@dataclass(frozen=True)
class PastEvent:
    """An event on an item: its signed weight, not 0, and its time in epoch milliseconds."""

    item_id: str
    weight: float
    time_ms: int


def past_events(
    rows: Iterable[Mapping[str, Any]], actions: Mapping[str, Action]
) -> list[PastEvent]:
    """Return the events of rows of `user_items`, newest first.

    A row has the newest weight and its time, the first time, and which actions there were. So two
    different actions are told exactly. Of further ones the times are spread evenly between the
    first and the newest; repetitions are lost, and so are values other than that of the newest.

    `rows` have `item_id`, `names` (of actions), `first_at`, `signal` and `signal_at`.
    """
    events = [event for row in rows for event in _of_item(row, actions)]
    # Python sorts stably: of one moment, what was done to one item stays in its order.
    return sorted(events, key=lambda event: -event.time_ms)


def _of_item(row: Mapping[str, Any], actions: Mapping[str, Action]) -> list[PastEvent]:
    known = {name: actions[name] for name in row["names"] if name in actions}
    undone = {action.undoes for action in known.values() if action.undoes}
    counting = [name for name, action in known.items() if action.weight and name not in undone]
    item_id, signal, newest_ms = row["item_id"], row["signal"], _ms(row["signal_at"])
    if signal is None or newest_ms is None:
        return []
    if signal:
        counting.sort(key=lambda name: _distance(known[name], signal))
        counting = counting[1:]
    first_ms = _ms(row["first_at"]) or newest_ms
    step_ms = (newest_ms - first_ms) / max(len(counting), 1)
    earlier = [
        PastEvent(item_id, known[name].sign * known[name].weight, round(first_ms + place * step_ms))
        for place, name in enumerate(sorted(counting, key=list(known).index))
    ]
    newest = [PastEvent(item_id, signal, newest_ms)] if signal else []
    return newest + earlier[::-1]


def _distance(action: Action, signal: float) -> tuple[bool, float]:
    """How unlikely it is that an action gave a signal: other than its weight only values and texts
    make it."""
    distance = abs(action.sign * action.weight - signal)
    return distance > 1e-3 and action.scale == "none" and action.text == "none", distance


def _ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)
