"""Waiting events: events whose item is not known yet, kept per item in the bucket's state."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from pyflink.common import Types
from pyflink.datastream.state import MapState, MapStateDescriptor

from jobs.core.interest.weights import ActionTable
from jobs.operators.accepted_events import NO_TEXT, AcceptedEvents, user_index

WAITING = MapStateDescriptor("waiting-v2", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


@dataclass(frozen=True)
class WaitingEvent:
    """An accepted event; the order of its fields is that of the tuples in the state.

    - `raw`: the raw line, for the dead letter that the event may become.
    - `item_id`: empty for an event without an item. Such a one waits for nothing, and is here on
      its way to another bucket (`jobs.operators.transfer`).
    - `time_ms`, `arrived_ms`: event time and processing time of arrival, in epoch milliseconds.
    - `vector`: float16 bytes (2 * dim) of the vector of `text`; empty without a text to use.
    """

    raw: bytes
    user_id: str
    item_id: str
    action: str
    time_ms: int
    key: int
    value: float
    arrived_ms: int
    text: str | None = None
    vector: bytes = b""


class WaitingEvents:
    """Map state item id -> events in order of arrival.

    An item's entry is removed when the item becomes known or its last event expires. The state
    holds at most the events that arrive within the waiting TTL.
    """

    def __init__(self, state: MapState) -> None:
        self._state = state

    def add(self, events: Iterable[WaitingEvent]) -> None:
        """Keep events until their items are known."""
        by_item: dict[str, list[tuple[object, ...]]] = {}
        for event in events:
            by_item.setdefault(event.item_id, []).append(astuple(event))
        for item_id, rows in by_item.items():
            self._state.put(item_id, [*(self._state.get(item_id) or ()), *rows])

    def take_known(
        self, arrived: Sequence[str] | None, known: Callable[[str], bool]
    ) -> list[WaitingEvent]:
        """Remove and return the events whose items are known.

        `arrived` are the ids of new items to check. If it is None, `known` is called with every id
        that events wait for.
        """
        if arrived is None:
            ready = [item_id for item_id in self._state.keys() if known(item_id)]  # noqa: SIM118
        else:
            ready = [item_id for item_id in dict.fromkeys(arrived) if self._state.contains(item_id)]
        return self._take(ready, lambda _: True)

    def take_expired(self, oldest_ms: int) -> tuple[list[WaitingEvent], int]:
        """Remove and return the events that arrived before `oldest_ms`.

        Also returns the earliest arrival of the remaining events in epoch milliseconds, 0 without
        any.
        """
        items = list(self._state.keys())
        taken = self._take(items, lambda event: event.arrived_ms < oldest_ms)
        left = [WaitingEvent(*row).arrived_ms for rows in self._state.values() for row in rows]
        return taken, min(left, default=0)

    def take_user(self, user_id: str) -> list[WaitingEvent]:
        """Remove and return all events of one user."""
        return self._take(list(self._state.keys()), lambda event: event.user_id == user_id)

    def _take(
        self, items: Sequence[str], chosen: Callable[[WaitingEvent], bool]
    ) -> list[WaitingEvent]:
        taken = []
        for item_id in items:
            events = [WaitingEvent(*row) for row in self._state.get(item_id)]
            removed = [event for event in events if chosen(event)]
            if not removed:
                continue
            taken += removed
            left = [astuple(event) for event in events if not chosen(event)]
            if left:
                self._state.put(item_id, left)
            else:
                self._state.remove(item_id)
        return taken


def to_waiting(events: AcceptedEvents, actions: ActionTable, now_ms: int) -> Iterator[WaitingEvent]:
    """The events as waiting events that arrived at `now_ms`.

    They hold the name of their action, since its code changes with the configuration.
    """
    names = list(actions.codes)
    return (
        WaitingEvent(
            events.lines[line],
            events.users[user],
            item_id or "",
            names[code],
            time_ms,
            key,
            value,
            now_ms,
            text,
            b"" if text_row == NO_TEXT else events.text_vectors[text_row].tobytes(),
        )
        for line, user, item_id, code, time_ms, key, value, text, text_row in zip(
            events.line.tolist(),
            events.user.tolist(),
            events.item_id,
            events.code.tolist(),
            events.time_ms.tolist(),
            events.key.tolist(),
            events.value.tolist(),
            events.text,
            events.text_row.tolist(),
            strict=True,
        )
    )


def from_waiting(events: Sequence[WaitingEvent], actions: ActionTable, dim: int) -> AcceptedEvents:
    """The waiting events as accepted events; vectors have `dim` dimensions.

    Raises KeyError for an event whose action is no longer configured.
    """
    users, user = user_index([event.user_id for event in events])
    vectors = [event.vector for event in events if event.vector]
    has_text = np.array([bool(event.vector) for event in events], dtype=bool)
    return AcceptedEvents(
        lines=[event.raw for event in events],
        users=users,
        line=np.arange(len(events)),
        user=user,
        item_id=[event.item_id or None for event in events],
        code=actions.encode([event.action for event in events]),
        time_ms=np.array([event.time_ms for event in events], dtype=np.int64),
        key=np.array([event.key for event in events], dtype=np.uint64),
        value=np.array([event.value for event in events], dtype=np.float64),
        text=[event.text for event in events],
        text_row=np.where(has_text, np.cumsum(has_text) - 1, NO_TEXT),
        text_vectors=np.frombuffer(b"".join(vectors), dtype=np.float16).reshape(-1, dim),
    )
