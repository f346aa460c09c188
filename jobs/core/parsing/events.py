"""Accepted events as columns over a batch, and the dead letters beside them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FORGOTTEN_USER = "forgotten_user"
"""Reason of a dead letter of a forgotten user: it is counted, and no row of it is written."""
DELETED_ITEM = "deleted_item"
"""Reason of a dead letter of a deleted item: it is counted, and no row of it is written."""
NOTHING_KEPT = frozenset({FORGOTTEN_USER, DELETED_ITEM})
"""Reasons of dead letters of which nothing may be kept."""


@dataclass(frozen=True)
class DeadLetter:
    """A record that was not accepted: its raw bytes, a reason code and a readable detail.

    `user_id` is the record's user where it could be read: forgetting the user deletes the row.
    `item_id` is the item of a record of items, where it could be read: deleting the item does.
    """

    raw: bytes
    reason: str
    detail: str = ""
    user_id: str | None = None
    item_id: str | None = None


def without_deleted(dead: Sequence[DeadLetter], deleted: Container[str]) -> list[DeadLetter]:
    """The dead letters; those of `deleted` items without content, since they are only counted."""
    return [
        DeadLetter(b"", DELETED_ITEM) if dead_letter.item_id in deleted else dead_letter
        for dead_letter in dead
    ]


@dataclass(frozen=True)
class Rejection:
    """Why a record is not accepted: a reason code and a readable detail."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class EventColumns:
    """Accepted events of one batch; every column is `(events,)`.

    `line` is the index of the event's raw line; `item_id` and `text` are None where absent;
    `time_ms` is in epoch milliseconds; `value` is NaN where absent.
    """

    line: list[int]
    event_id: list[str]
    user_id: list[str]
    action: list[str]
    item_id: list[str | None]
    text: list[str | None]
    time_ms: NDArray[np.int64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True)
class ParsedBatch:
    """The accepted events of a batch, and the dead letters of its other lines."""

    events: EventColumns
    dead: list[DeadLetter] = field(default_factory=list)
