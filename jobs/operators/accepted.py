"""Accepted events between validation and the fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.core.event_key import event_keys
from jobs.core.events import DeadLetter, EventColumns
from jobs.core.weights import ActionTable

NO_TEXT = -1


@dataclass(frozen=True)
class Accepted:
    """Valid events: what waiting and joining start from, one entry per event.

    ``users`` are the batch's distinct users in order, ``user`` the index into them; ``code`` is
    the action's, ``line`` the index into the raw ``lines``; ``text_row`` is the event's row in
    ``text_vectors`` ``(texts, dim)`` float16, or ``NO_TEXT``.
    """

    lines: Sequence[bytes]
    users: list[str]
    line: npt.NDArray[np.intp]
    user: npt.NDArray[np.intp]
    item_id: list[str | None]
    code: npt.NDArray[np.intp]
    time_ms: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    value: npt.NDArray[np.float64]
    text: list[str | None]
    text_row: npt.NDArray[np.intp]
    text_vectors: npt.NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.user)

    def take(self, chosen: npt.NDArray[np.bool_]) -> "Accepted":
        """The chosen events, of the same users."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen)
        index = places.tolist()
        return Accepted(
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


def user_index(user_ids: Sequence[str]) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The distinct users in order, so that their rows are neighbours in Postgres, and ``(n,)``
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
) -> tuple[Accepted, npt.NDArray[np.bool_]]:
    """The events with the vectors of their texts, and ``(events,)`` which should have one and
    have none."""
    codes = actions.encode(events.action)
    speaks = actions.wanted[codes] | actions.said[codes]
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
    accepted = Accepted(
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


def unreadable_texts(events: Accepted, chosen: npt.NDArray[np.bool_]) -> list[DeadLetter]:
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
    events: Accepted, rows: npt.NDArray[np.intp], actions: ActionTable
) -> npt.NDArray[np.bool_]:
    """``(events,)`` whose item is unknown, ``rows`` of which is -1, unless a wanted text stands
    for it."""
    unknown: npt.NDArray[np.bool_] = rows < 0
    if not unknown.any():
        return unknown
    wanted = (events.text_row != NO_TEXT) & actions.wanted[events.code]
    has_item = np.array([item is not None for item in events.item_id], dtype=bool)
    waits: npt.NDArray[np.bool_] = unknown & has_item & ~wanted
    return waits
