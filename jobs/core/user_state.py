"""The state of users: one fixed-size record each, so that a batch of users is one array.

Layout (version 1), with ``k`` half-life windows (dislikes last), ``n`` last interactions and
``dim`` dimensions::

    version                         accepted events
    last_ms                         newest accepted event, epoch milliseconds
    as_of, weight, sum              per window: reference time, decayed weight, decayed sum (dim)
    ring_*                          per interaction, newest first: time, key, reference, weight
                                    (0: empty), whether the reference is a text

3 windows of 384 dimensions and 32 interactions take 5.6 kB.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.errors import StateSchemaError

LAYOUT_VERSION = 1
NEVER = np.iinfo(np.int64).min
_ID = np.dtype([("key", "<u8"), ("minute", "<u4")])

Records = npt.NDArray[np.void]
EventIds = npt.NDArray[np.void]


@dataclass(frozen=True)
class Layout:
    """The shape of a user's record."""

    dim: int
    windows: int
    last_n: int

    @property
    def dtype(self) -> np.dtype[np.void]:
        return np.dtype(
            [
                ("version", "<i8"),
                ("last_ms", "<i8"),
                ("as_of", "<i8", (self.windows,)),
                ("weight", "<f8", (self.windows,)),
                ("sum", "<f4", (self.windows, self.dim)),
                ("ring_ms", "<i8", (self.last_n,)),
                ("ring_key", "<u8", (self.last_n,)),
                ("ring_ref", "<u8", (self.last_n,)),
                ("ring_weight", "<f4", (self.last_n,)),
                ("ring_is_text", "?", (self.last_n,)),
            ]
        )

    @property
    def text_dtype(self) -> np.dtype[np.void]:
        """A wanted text that stands among the last interactions, with its own vector."""
        return np.dtype([("ref", "<u8"), ("vector", "<f2", (self.dim,))])

    def empty(self, users: int) -> Records:
        """``(users,)`` records without any event."""
        records = np.zeros(users, dtype=self.dtype)
        records["as_of"] = NEVER
        records["last_ms"] = NEVER
        return records


@dataclass(frozen=True)
class UserEntry:
    """What the map state holds for a user.

    ``record`` and ``texts`` are bytes in the layout's dtypes, ``ids`` the recent event keys with
    the minute they arrived, ``excluded`` is "forget", "opt_out" or "".
    """

    record: bytes
    ids: bytes = b""
    texts: bytes = b""
    excluded: str = ""

    def pack(self) -> tuple[Any, ...]:
        """A plain tuple: cheap to pickle, independent of this class's path."""
        return (LAYOUT_VERSION, self.record, self.ids, self.texts, self.excluded)

    @classmethod
    def unpack(cls, packed: tuple[Any, ...]) -> "UserEntry":
        """Raises StateSchemaError for a layout that this version does not read."""
        version, *fields = packed
        if version != LAYOUT_VERSION:
            raise StateSchemaError(
                f"user state has layout {version}, this job reads layout {LAYOUT_VERSION}"
            )
        return cls(*fields)

    def with_excluded(self, excluded: str) -> "UserEntry":
        return replace(self, excluded=excluded)


FORGOTTEN = UserEntry(record=b"", excluded="forget")


def read_records(entries: list[UserEntry | None], layout: Layout) -> Records:
    """``(users,)`` writable records; a missing or emptied entry gives an empty record.

    Raises StateSchemaError for a record of another layout: the configuration was changed.
    """
    empty = layout.empty(1).tobytes()
    records = [entry.record if entry and entry.record else empty for entry in entries]
    other = next((record for record in records if len(record) != len(empty)), None)
    if other is not None:
        raise StateSchemaError(
            f"a user's state has {len(other)} bytes, this job's layout {len(empty)}: start it with"
            " the dimension, half-lives and last_n that the state was written with, or without it"
        )
    joined = b"".join(records)
    return np.frombuffer(bytearray(joined), dtype=layout.dtype)


def fresh_ids(entry: UserEntry | None, oldest_minute: int) -> EventIds:
    """The event ids of an entry that are still remembered."""
    if entry is None or not entry.ids:
        return np.empty(0, dtype=_ID)
    ids = np.frombuffer(entry.ids, dtype=_ID)
    return ids if ids["minute"][0] >= oldest_minute else ids[ids["minute"] >= oldest_minute]


def make_ids(keys: npt.NDArray[np.uint64], minute: int) -> EventIds:
    ids = np.empty(len(keys), dtype=_ID)
    ids["key"] = keys
    ids["minute"] = minute
    return ids
