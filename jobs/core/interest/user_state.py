"""The state of users: one fixed-size record each, so that a batch of users is one array.

A record, with `k` half-life windows, `n` last interactions and `dim` dimensions::

    version, events, last_ms        guard of the rows, accepted events, newest of them
    as_of, weight, sum              per window: reference time, decayed weight, decayed sum (dim)
    unwritten                       weight added since the rows that are written lazily were
                                    written: one per window, and one for the user's own row
    ring_*                          per interaction, newest first: time, key, reference, weight
                                    (0: empty, negative: undone), whether it is a text

The `ring_*` columns are a ring buffer in meaning: a new interaction pushes out the oldest one.

4 windows of 384 dimensions and 32 interactions take 7.2 kB, one window alone 1.6 kB. A packed
record leaves out the last sums that carry nothing of their own (`packed_records`), so it takes
4.1 kB for a user who neither dislikes nor comments, 5.6 kB for one who only does not comment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NEVER = np.iinfo(np.int64).min

Records = NDArray[np.void]
InteractionColumns = Records | Mapping[str, NDArray[Any]]
"""The `ring_*` columns of some records, `(users, last_n)` each; or the records themselves."""


@dataclass(frozen=True)
class Layout:
    """The shape of a user's record; `windows` are the names of the half-life windows."""

    dim: int
    windows: tuple[str, ...]
    last_n: int

    @cached_property
    def dtype(self) -> np.dtype[np.void]:
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
                ("ring_is_text", "?", (self.last_n,)),
                ("sum", "<f4", (count, self.dim)),
            ]
        )

    @cached_property
    def text_dtype(self) -> np.dtype[np.void]:
        """A text that stands among the last interactions, with its own vector."""
        return np.dtype([("ref", "<u8"), ("vector", "<f2", (self.dim,))])

    def empty(self, users: int, version: int = 0) -> Records:
        """`(users,)` records without any event.

        `version` must be above that of any record that these users had before. Microseconds of
        the clock are, since no user's events come faster than one a microsecond for long.
        """
        records = np.zeros(users, dtype=self.dtype)
        records["version"] = version
        records["as_of"] = NEVER
        records["last_ms"] = NEVER
        return records

    def as_tuple(self) -> tuple[Any, ...]:
        """Plain values that stand for the layout inside the state."""
        return (self.dim, self.windows, self.last_n)


class UserEntry(NamedTuple):
    """What the state knows of a user; a tuple, since each batch makes thousands of them.

    The map state holds it as a plain tuple, which depends on no class.

    `record`, `texts` and `marks` are bytes in the dtypes of the layout and of
    `jobs.core.interest.undo`, `ids` the recent event keys with the minute they arrived;
    `layout` is the number of the record's layout in the bucket state.
    """

    record: bytes
    ids: bytes = b""
    texts: bytes = b""
    undo_log: bytes = b""
    layout: int = 0


make_entry: Callable[[tuple[Any, ...]], UserEntry] = partial(tuple.__new__, UserEntry)
"""An entry of all its five parts, at half the price of calling the class."""


def interaction_columns(records: Records, users: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """What the records of `users` say about their last interactions, without the windows' sums,
    which are most of a record."""
    assert records.dtype.names is not None
    names = [name for name in records.dtype.names if name.startswith("ring_")]
    return {name: records[name][users] for name in names}
