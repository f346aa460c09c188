"""AcceptedEvents events between validation and the fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import event_keys
from jobs.core.interest.weights import ActionTable
from jobs.core.parsing.events import DeadLetter, EventColumns

NO_TEXT = -1


@dataclass(frozen=True)
class AcceptedEvents:
    """Valid events: what waiting and joining start from, one entry per event.

    `users` are the batch's distinct users in order, `user` the index into them; `code` is
    the action's, `line` the index into the raw `lines`; `text_row` is the event's row in
    `text_vectors` `(texts, dim)` float16, or `NO_TEXT`.
    """

    lines: Sequence[bytes]
    users: list[str]
    line: NDArray[np.intp]
    user: NDArray[np.intp]
    item_id: list[str | None]
    code: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    key: NDArray[np.uint64]
    value: NDArray[np.float64]
    text: list[str | None]
    text_row: NDArray[np.intp]
    text_vectors: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, chosen: NDArray[np.bool_]) -> "AcceptedEvents":
        """The chosen events, of the same users."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen)
        index = places.tolist()
        return AcceptedEvents(
            self.lines,
            self.users,
            self.line[places],
            self.user[places],
            [self.item_id[i] for i in index],
            self.code[places],
            self.time_ms[places],
            self.key[places],
            self.value[places],
            [self.text[i] for i in index],
            self.text_row[places],
            self.text_vectors,
        )


def user_index(user_ids: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct users in order, so that their rows are neighbours in Postgres, and `(n,)`
    the index of each."""
    users = sorted(set(user_ids))
    place = {user_id: index for index, user_id in enumerate(users)}
    return users, np.array([place[user_id] for user_id in user_ids], dtype=np.intp)


def accept(
    lines: Sequence[bytes],
    vectors: Sequence[bytes],
    events: EventColumns,
    actions: ActionTable,
    dim: int,
) -> tuple[AcceptedEvents, NDArray[np.bool_]]:
    """The events with the vectors of their texts, and `(events,)` which should have one and
    have none."""
    codes = actions.encode(events.action)
    speaks = actions.query[codes] | actions.comment[codes]
    found: list[bytes] = []
    text_row = np.full(len(events), NO_TEXT, dtype=np.intp)
    missing = np.zeros(len(events), dtype=bool)
    for index in np.flatnonzero(speaks).tolist():
        if events.text[index] is None:
            continue
        vector = vectors[events.line[index]] if len(vectors) == len(lines) else b""
        if vector:
            text_row[index] = len(found)
            found.append(vector)
        else:
            missing[index] = True
    users, user = user_index(events.user_id)
    accepted = AcceptedEvents(
        lines=lines,
        users=users,
        line=np.array(events.line, dtype=np.intp),
        user=user,
        item_id=events.item_id,
        code=codes,
        time_ms=events.time_ms,
        key=event_keys(events.user_id, events.event_id),
        value=events.value,
        text=events.text,
        text_row=text_row,
        text_vectors=np.frombuffer(b"".join(found), dtype=np.float16).reshape(-1, dim),
    )
    return accepted, missing


def unreadable_texts(events: AcceptedEvents, chosen: NDArray[np.bool_]) -> list[DeadLetter]:
    """Letters of the chosen events, whose text has no vector."""
    return [
        DeadLetter(
            events.lines[events.line[index]],
            "unreadable_text",
            "",
            events.users[events.user[index]],
        )
        for index in np.flatnonzero(chosen).tolist()
    ]


def must_wait(
    events: AcceptedEvents, rows: NDArray[np.intp], actions: ActionTable
) -> NDArray[np.bool_]:
    """`(events,)` whose item is unknown, `rows` of which is -1, unless a wanted text stands
    for it."""
    unknown: NDArray[np.bool_] = rows < 0
    if not unknown.any():
        return unknown
    is_query = (events.text_row != NO_TEXT) & actions.query[events.code]
    has_item = np.array([item is not None for item in events.item_id], dtype=bool)
    waits: NDArray[np.bool_] = unknown & has_item & ~is_query
    return waits
