"""Accepted events, on their way from validation to the fold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import event_keys
from jobs.core.interest.weights import ActionTable
from jobs.core.parsing.events import DeadLetter, EventColumns

NO_TEXT = -1
"""The `text_row` of an event without a text to use."""


@dataclass(frozen=True)
class AcceptedEvents:
    """Accepted events of a batch; every column is `(events,)`.

    - `lines`: the raw lines of the batch; `line`: index of the event's line.
    - `users`: the distinct users of the batch, sorted; `user`: index of the event's user.
    - `code`: code of the action (`ActionTable`).
    - `time_ms`: epoch milliseconds; `key`: the event's key; `value`: NaN where absent.
    - `text_row`: the text's row of `text_vectors` `(texts, dim)` float16, or NO_TEXT.
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
        """The events for which `chosen` `(events,)` is True, with the same users."""
        if chosen.all():
            return self
        index = np.flatnonzero(chosen)
        indices = index.tolist()
        return AcceptedEvents(
            self.lines,
            self.users,
            self.line[index],
            self.user[index],
            [self.item_id[i] for i in indices],
            self.code[index],
            self.time_ms[index],
            self.key[index],
            self.value[index],
            [self.text[i] for i in indices],
            self.text_row[index],
            self.text_vectors,
        )


def user_index(user_ids: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """The distinct users, and `(n,)` the index of each of the `user_ids` among them.

    They are sorted, so that rows of one batch are neighbours in the indexes of Postgres.
    """
    users = sorted(set(user_ids))
    index_of = {user_id: index for index, user_id in enumerate(users)}
    return users, np.array([index_of[user_id] for user_id in user_ids], dtype=np.intp)


def accept(
    lines: Sequence[bytes],
    vectors: Sequence[bytes],
    events: EventColumns,
    actions: ActionTable,
    dim: int,
) -> tuple[AcceptedEvents, NDArray[np.bool_]]:
    """The events with the vectors of their texts, and `(events,)` whose vector is missing.

    `vectors` holds float16 bytes of `dim` numbers per line, empty for a line without a vector; or
    it has another length than `lines`, which means that no line has one. A vector is missing if
    the event's action uses the text and Java could not read it.
    """
    codes = actions.encode(events.action)
    uses_text = actions.query[codes] | actions.comment[codes]
    text_vectors: list[bytes] = []
    text_row = np.full(len(events), NO_TEXT, dtype=np.intp)
    missing = np.zeros(len(events), dtype=bool)
    for index in np.flatnonzero(uses_text).tolist():
        if events.text[index] is None:
            continue
        vector = vectors[events.line[index]] if len(vectors) == len(lines) else b""
        if vector:
            text_row[index] = len(text_vectors)
            text_vectors.append(vector)
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
        text_vectors=np.frombuffer(b"".join(text_vectors), dtype=np.float16).reshape(-1, dim),
    )
    return accepted, missing


def unreadable_texts(events: AcceptedEvents, chosen: NDArray[np.bool_]) -> list[DeadLetter]:
    """Dead letters of the chosen events, whose text has no vector."""
    return [
        DeadLetter(
            events.lines[events.line[index]],
            "unreadable_text",
            "",
            events.users[events.user[index]],
        )
        for index in np.flatnonzero(chosen).tolist()
    ]


def without_deleted(
    events: AcceptedEvents, deleted: Collection[str], actions: ActionTable
) -> tuple[AcceptedEvents, NDArray[np.bool_]]:
    """The events, and `(events,)` which are left out since their item is `deleted`.

    A query stands for itself: it stays, and names no item.
    """
    if not deleted:
        return events, np.zeros(len(events), dtype=bool)
    named = np.array([item in deleted for item in events.item_id], dtype=bool)
    is_query = _is_query(events, actions)
    if (named & is_query).any():
        item_id = [
            None if item in deleted and query else item
            for item, query in zip(events.item_id, is_query.tolist(), strict=True)
        ]
        events = replace(events, item_id=item_id)
    return events, named & ~is_query


def _is_query(events: AcceptedEvents, actions: ActionTable) -> NDArray[np.bool_]:
    """`(events,)`: whether each event counts with the vector of its query."""
    is_query: NDArray[np.bool_] = (events.text_row != NO_TEXT) & actions.query[events.code]
    return is_query


def must_wait(
    events: AcceptedEvents, current: NDArray[np.bool_], actions: ActionTable
) -> NDArray[np.bool_]:
    """`(events,)`: True for an event that waits for its item.

    It has an item whose vector is not there yet (`current` `(events,)`: `Catalogue.current`), and
    no query, which would count with its own vector.
    """
    if current.all():
        return ~current
    is_query = _is_query(events, actions)
    has_item = np.array([item is not None for item in events.item_id], dtype=bool)
    waits: NDArray[np.bool_] = ~current & has_item & ~is_query
    return waits
