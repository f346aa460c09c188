"""Events whose item is not known yet, kept per item in the bucket's state."""

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
    """An accepted event; `raw` is kept for the dead letter that it may become, `vector` (2 *
    dim bytes) where the event says something."""

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

    An item's entry is removed when the item is known or its last event expires; the size is
    bounded by what arrives within the waiting TTL.
    """

    def __init__(self, state: MapState) -> None:
        self._state = state

    def add(self, events: Iterable[WaitingEvent]) -> None:
        by_item: dict[str, list[tuple[object, ...]]] = {}
        for event in events:
            by_item.setdefault(event.item_id, []).append(astuple(event))
        for item_id, rows in by_item.items():
            self._state.put(item_id, [*(self._state.get(item_id) or ()), *rows])

    def take_known(
        self, arrived: Sequence[str] | None, known: Callable[[str], bool]
    ) -> list[WaitingEvent]:
        """Take out what waits for known items; `arrived` are the items to look for (None: all
        that something waits for)."""
        if arrived is None:
            ready = [item_id for item_id in self._state.keys() if known(item_id)]  # noqa: SIM118
        else:
            ready = [item_id for item_id in dict.fromkeys(arrived) if self._state.contains(item_id)]
        return self._take(ready, lambda _: True)

    def take_expired(self, oldest_ms: int) -> tuple[list[WaitingEvent], int]:
        """Take out what arrived before `oldest_ms`; also the earliest arrival that is left."""
        items = list(self._state.keys())
        taken = self._take(items, lambda event: event.arrived_ms < oldest_ms)
        left = [WaitingEvent(*row).arrived_ms for rows in self._state.values() for row in rows]
        return taken, min(left, default=0)

    def take_user(self, user_id: str) -> list[WaitingEvent]:
        """Take out everything of one user."""
        return self._take(list(self._state.keys()), lambda event: event.user_id == user_id)

    def _take(
        self, items: Sequence[str], chosen: Callable[[WaitingEvent], bool]
    ) -> list[WaitingEvent]:
        taken = []
        for item_id in items:
            events = [WaitingEvent(*row) for row in self._state.get(item_id)]
            going = [event for event in events if chosen(event)]
            if not going:
                continue
            taken += going
            staying = [astuple(event) for event in events if not chosen(event)]
            if staying:
                self._state.put(item_id, staying)
            else:
                self._state.remove(item_id)
        return taken


def to_waiting(events: AcceptedEvents, actions: ActionTable, now_ms: int) -> Iterator[WaitingEvent]:
    """AcceptedEvents events as they wait, with the action by its name."""
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
    """What has waited, as it was accepted."""
    users, user = user_index([event.user_id for event in events])
    said = [event.vector for event in events if event.vector]
    has_text = np.array([bool(event.vector) for event in events], dtype=bool)
    return AcceptedEvents(
        lines=[event.raw for event in events],
        users=users,
        line=np.arange(len(events)),
        user=user,
        item_id=[event.item_id for event in events],
        code=actions.encode([event.action for event in events]),
        time_ms=np.array([event.time_ms for event in events], dtype=np.int64),
        key=np.array([event.key for event in events], dtype=np.uint64),
        value=np.array([event.value for event in events], dtype=np.float64),
        text=[event.text for event in events],
        text_row=np.where(has_text, np.cumsum(has_text) - 1, NO_TEXT),
        text_vectors=np.frombuffer(b"".join(said), dtype=np.float16).reshape(-1, dim),
    )
