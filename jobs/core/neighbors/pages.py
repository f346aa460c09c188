"""Rows of items in pages: the neighbours of a few hundred items as a handful of arrays.

An item has a code, a number from 0 in the order in which a bucket has met it. A page holds the rows
of `PAGE` consecutive codes, so pages are read, merged and kept as a whole, and their number grows
with the items.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

PAGE = 1024
"""Codes of a page. With four buckets a quarter of them has rows: 200 kB of 100 neighbours each."""
RENEWED_AFTER = 16
"""Half-lives after which the sums of a page are made relative to a later time."""
HEAD = np.dtype([("base_ms", "<i8"), ("as_of_ms", "<i8"), ("rows", "<i8"), ("entries", "<i8")])
ROW = np.dtype([("code", "<i4"), ("size", "<i4"), ("count", "<f8"), ("unwritten", "<f8")])
"""A row of a page, 24 bytes."""
ENTRY = np.dtype([("code", "<i4"), ("strength", "<f4")])
"""A neighbour of a row, 8 bytes."""


@dataclass(frozen=True)
class Page:
    """Rows of items, sorted by code.

    - `base_ms`: the time that all sums are relative to: one of time `t` has grown by
      2^((t - base_ms) / half-life), so that adding needs no decay.
    - `as_of_ms`: the newest time of the page.
    - `rows`: code of the item, number of its neighbours, interactions, and how much of its
      strengths has changed since the row was written.
    - `entries`: code and strength of the neighbours, row by row.

    Times are in epoch milliseconds.
    """

    base_ms: int
    as_of_ms: int
    rows: NDArray[np.void]
    entries: NDArray[np.void]

    @classmethod
    def empty(cls, base_ms: int) -> "Page":
        """A page without rows."""
        return cls(base_ms, base_ms, np.empty(0, ROW), np.empty(0, ENTRY))

    def pack(self) -> bytes:
        """The page as bytes."""
        head = np.array(
            [(self.base_ms, self.as_of_ms, len(self.rows), len(self.entries))], dtype=HEAD
        )
        return head.tobytes() + self.rows.tobytes() + self.entries.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> "Page":
        """The page that `pack` has packed."""
        base_ms, as_of_ms, rows, entries = np.frombuffer(packed, HEAD, 1)[0].tolist()
        start = HEAD.itemsize
        return cls(
            base_ms,
            as_of_ms,
            np.frombuffer(packed, ROW, rows, start),
            np.frombuffer(packed, ENTRY, entries, start + rows * ROW.itemsize),
        )

    def renewed(self, time_ms: int, half_life_ms: float) -> "Page":
        """The page with the newest time `time_ms`; its sums are renewed if they grew large."""
        as_of_ms = max(self.as_of_ms, time_ms)
        if (as_of_ms - self.base_ms) / half_life_ms < RENEWED_AFTER:
            return replace(self, as_of_ms=as_of_ms)
        factor = 2.0 ** ((self.base_ms - as_of_ms) / half_life_ms)
        rows, entries = self.rows.copy(), self.entries.copy()
        for name in ("count", "unwritten"):
            rows[name] *= factor
        entries["strength"] *= np.float32(factor)
        return Page(as_of_ms, as_of_ms, rows, entries)


@dataclass(frozen=True)
class Changes:
    """Changes of the rows of a bucket; items are codes.

    `row`, `neighbor`, `strength` are `(changes,)`, `liked`, `count` are `(counts,)`. Strengths and
    counts are as they were at `time_ms` (epoch milliseconds).
    """

    time_ms: int
    row: NDArray[np.int32]
    neighbor: NDArray[np.int32]
    strength: NDArray[np.float32]
    liked: NDArray[np.int32]
    count: NDArray[np.float32]

    @property
    def pages(self) -> list[int]:
        """Numbers of the pages of the changed rows, ascending."""
        newest = max(self.row.max(initial=0), self.liked.max(initial=0))
        touched = np.zeros(int(newest) // PAGE + 1, dtype=bool)
        touched[self.row // PAGE] = True
        touched[self.liked // PAGE] = True
        numbers: list[int] = np.flatnonzero(touched).tolist()
        return numbers

    def of_pages(self, first: int, last: int) -> "Changes":
        """The changes of the rows of the pages `first` to `last`."""
        begin, end = first * PAGE, (last + 1) * PAGE
        chosen = (self.row >= begin) & (self.row < end)
        counted = (self.liked >= begin) & (self.liked < end)
        if chosen.all() and counted.all():
            return self
        return Changes(
            self.time_ms,
            self.row[chosen],
            self.neighbor[chosen],
            self.strength[chosen],
            self.liked[counted],
            self.count[counted],
        )

    def pack(self) -> "PackedChanges":
        """The plain tuple that the state holds."""
        return (
            self.time_ms,
            self.row.tobytes(),
            self.neighbor.tobytes(),
            self.strength.tobytes(),
            self.liked.tobytes(),
            self.count.tobytes(),
        )

    @classmethod
    def unpack(cls, packed: "PackedChanges") -> "Changes":
        """The changes that `pack` has packed."""
        time_ms, *columns = packed
        kinds = ("<i4", "<i4", "<f4", "<i4", "<f4")
        return cls(time_ms, *map(np.frombuffer, columns, kinds))


PackedChanges = tuple[int, bytes, bytes, bytes, bytes, bytes]


def joined_changes(parts: Sequence[Changes], half_life_ms: float) -> Changes:
    """All changes of the parts, as they were at the newest of their times."""
    newest_ms = max(part.time_ms for part in parts)
    decay = [np.float32(2.0 ** ((part.time_ms - newest_ms) / half_life_ms)) for part in parts]
    return Changes(
        newest_ms,
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.neighbor for part in parts]),
        np.concatenate([part.strength * by for part, by in zip(parts, decay, strict=True)]),
        np.concatenate([part.liked for part in parts]),
        np.concatenate([part.count * by for part, by in zip(parts, decay, strict=True)]),
    )
