"""The state of users: one fixed-size record each, so that a batch of users is one array.

A record with half-life windows, `n` last interactions and `dim` dimensions::

    version, events, last_ms        version of the rows, number of accepted events, newest time
    as_of, weight, sum              per window: reference time, decayed weight, decayed sum (dim)
    unwritten                       per window: weight added since its row was written; and last,
                                    for the user's own row: events since it was written
    ring_*                          per interaction, newest first: time, key, reference, weight
                                    (0: empty slot, negative: undone), mark (`neighbors.marks`):
                                    whether it is a text, and takes part in pairs

The `ring_*` columns serve as a ring buffer: a new interaction replaces the oldest one. All times
are in epoch milliseconds.

4 windows of 384 dimensions and 32 interactions take 7.2 kB; each window is 1.6 kB of it. A packed
record leaves out trailing sums that can be restored (`packed_records`): it takes 4.1 kB for a user
who neither dislikes nor comments, and 5.6 kB for one who dislikes and does not comment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NEVER = np.iinfo(np.int64).min
"""The time of an empty window, and of a user without events."""

Records = NDArray[np.void]
"""Records `(users,)` of type `Layout.dtype`."""

InteractionColumns = Records | Mapping[str, NDArray[Any]]
"""The `ring_*` columns of records, `(users, last_n)` each; or the records themselves."""


@dataclass(frozen=True)
class Layout:
    """The shape of a user's record.

    `windows` are the names of the half-life windows, `last_n` is the number of last interactions.
    """

    dim: int
    windows: tuple[str, ...]
    last_n: int

    @cached_property
    def dtype(self) -> np.dtype[np.void]:
        """The type of a record; the order of its fields is that of the bytes in the state."""
        count = len(self.windows)
        return np.dtype(
            [
                ("version", "<i8"),
                ("events", "<i8"),
                ("last_ms", "<i8"),
                ("as_of", "<i8", (count,)),
                ("weight", "<f8", (count,)),
                ("unwritten", "<f4", (count + 1,)),
                ("ring_ms", "<i8", (self.last_n,)),
                ("ring_key", "<u8", (self.last_n,)),
                ("ring_ref", "<u8", (self.last_n,)),
                ("ring_weight", "<f4", (self.last_n,)),
                ("ring_mark", "u1", (self.last_n,)),
                ("sum", "<f4", (count, self.dim)),
            ]
        )

    @cached_property
    def text_dtype(self) -> np.dtype[np.void]:
        """The type of a text among the last interactions: its reference and its vector."""
        return np.dtype([("ref", "<u8"), ("vector", "<f2", (self.dim,))])

    def empty(self, users: int, version: int = 0) -> Records:
        """`(users,)` records without events.

        `version` must be above the version of any earlier record of these users. The clock in
        microseconds satisfies this, since a version grows by one per event and no user has a
        million events a second for long.
        """
        records = np.zeros(users, dtype=self.dtype)
        records["version"] = version
        records["as_of"] = NEVER
        records["last_ms"] = NEVER
        return records

    def as_tuple(self) -> tuple[Any, ...]:
        """The layout as plain values, for the state; `Layout(*values)` makes it again."""
        return (self.dim, self.windows, self.last_n)


class UserEntry(NamedTuple):
    """The state of a user; a tuple, since each batch makes thousands of them.

    The map state holds it as a plain tuple, which depends on no class.

    - `record`: bytes of type `Layout.dtype`, packed (`packed_records`); empty without a record.
    - `ids`: keys of recent events with the minute of their arrival (`event_ids`).
    - `texts`: bytes of type `Layout.text_dtype`.
    - `undo_log`: bytes of type UNDO_ENTRY (`undo`).
    - `layout`: number of the record's layout in the bucket state.
    """

    record: bytes
    ids: bytes = b""
    texts: bytes = b""
    undo_log: bytes = b""
    layout: int = 0


make_entry: Callable[[tuple[Any, ...]], UserEntry] = partial(tuple.__new__, UserEntry)
"""Makes an entry of a tuple of its five fields, in half the time of calling the class."""


def sum_words(records: Records) -> tuple[NDArray[np.float32], int, int] | None:
    """The words `(users, words)` of the records as float32, where kernels can read their sums.

    With them, the number of the word at which a record's sums begin, and the words of each sum.
    None where the sums do not lie on words, as with a `last_n` that is no multiple of 4.
    """
    kind, start = records.dtype.fields["sum"][:2]  # type: ignore[index]
    if start % 4:
        return None
    words = records.view(np.float32).reshape(len(records), records.dtype.itemsize // 4)
    return words, start // 4, kind.shape[1]


def interaction_columns(records: Records, users: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """The `ring_*` columns of the records at the indices `users`, `(users, last_n)` each.

    Only these are copied: the windows' sums are most of a record.
    """
    assert records.dtype.names is not None
    names = [name for name in records.dtype.names if name.startswith("ring_")]
    return {name: records[name][users] for name in names}
