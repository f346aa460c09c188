"""The form of every data set: items and events as lines."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line
from jobs.datasets.broken_row import BrokenRow

Record = dict[str, Any]
Line = Record | bytes
"""A record, or the raw bytes of a line that is not a record."""


def line_bytes(line: Line) -> bytes:
    """The line as it goes into a stream; a BrokenRow becomes one that tells its place and reason.

    >>> line_bytes({"item_id": 7}), line_bytes(b"{")
    (b'{"item_id":7}', b'{')
    """
    if isinstance(line, dict):
        return orjson.dumps(line)
    if isinstance(line, BrokenRow):
        detail = f"{line.place[:150]}: {line.reason}"
        return undecoded_line(Undecoded(bytes(line), "unreadable_row", detail))
    return line


@dataclass
class PassCount:
    """Counts the rows of the latest pass over a stream, while it is read."""

    rows: int = 0
    broken: int = 0
    """Rows with missing or unreadable fields, which were passed on all the same."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why rows could not be read at all, such as `too few cells`."""
    first: dict[str, str] = field(default_factory=dict)
    """Where the first row of each reason stands."""

    def restart(self) -> None:
        """Begin a new pass."""
        self.rows = self.broken = 0
        self.reasons.clear()
        self.first.clear()

    def add_unread(self, row: bytes) -> None:
        """Count a row that could not be read, with its reason if it is a BrokenRow."""
        self.add(broken=True)
        if isinstance(row, BrokenRow):
            self.reasons[row.reason] += 1
            self.first.setdefault(row.reason, row.place)

    def add(self, *, broken: bool) -> None:
        """Count one row."""
        self.rows += 1
        self.broken += broken


@dataclass(frozen=True)
class Dataset:
    """Items and events as lines of the contract; each call of `items` or `events` reads them anew.

    A row of the source that cannot be mapped is not dropped: it becomes a record with the fields
    that could be read, or raw bytes, so that the job makes it a dead letter.
    """

    name: str
    items: Callable[[], Iterator[Line]]
    events: Callable[[], Iterator[Line]]
    item_rows: int | None = None
    """Number of rows, for progress bars; None where counting them would take a pass."""
    event_rows: int | None = None
    items_read: PassCount = field(default_factory=PassCount)
    events_read: PassCount = field(default_factory=PassCount)
    unread: str = ""
    """What lies beside the data and is not read, as a sentence; empty where there is nothing."""
    notes: tuple[str, ...] = ()
    """How the files are read, as far as nobody said it, in sentences."""
    left_out: Callable[[], str] = lambda: ""
    """What the latest passes left out on purpose, as a sentence; empty where nothing was."""
    left_out_counts: Callable[[], dict[str, dict[str, object]]] = dict
    """The numbers of that sentence, by table; a table of which nothing is said is missing."""
