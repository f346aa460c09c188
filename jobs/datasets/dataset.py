"""What every data set offers, wherever it comes from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
Line = Record | bytes
"""A record, or the raw bytes of a line that is none."""


@dataclass
class PassCount:
    """What the latest pass over a stream met; grows while the stream is read."""

    rows: int = 0
    broken: int = 0
    """Rows that could not be mapped in full and were passed on with what is there."""

    def restart(self) -> None:
        self.rows = self.broken = 0

    def add(self, *, broken: bool) -> None:
        self.rows += 1
        self.broken += broken


@dataclass(frozen=True)
class Dataset:
    """Items and events as lines of the contract; every call of `items` or `events` starts
    a new pass.

    A row of the source that cannot be mapped is not dropped: it comes out as an object with
    the fields that could be read (or as raw bytes), so that the job makes it a dead letter.
    """

    name: str
    items: Callable[[], Iterator[Line]]
    events: Callable[[], Iterator[Line]]
    item_rows: int | None = None
    """Rows to expect, for progress bars; None where counting them would cost a pass."""
    event_rows: int | None = None
    items_read: PassCount = field(default_factory=PassCount)
    events_read: PassCount = field(default_factory=PassCount)
