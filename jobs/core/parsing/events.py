"""What an event is after it has been accepted, as columns over a batch."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FORGOTTEN_USER = "forgotten_user"
"""Reason of a letter that is counted, but of which nothing is kept."""


@dataclass(frozen=True)
class DeadLetter:
    """A record that was not accepted: its raw bytes, a reason code and a readable detail."""

    raw: bytes
    reason: str
    detail: str = ""
    user_id: str | None = None


@dataclass(frozen=True)
class Rejection:
    """Why a parsed record is not an event."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class EventColumns:
    """Accepted events of one batch, one entry per event in every column.

    `line` is the event's index into the batch's raw lines; `item_id` and `text` hold None
    where the event has none; `time_ms` is epoch milliseconds UTC; `value` is NaN where absent.
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
    """The two fates of a batch's lines."""

    events: EventColumns
    dead: list[DeadLetter] = field(default_factory=list)
