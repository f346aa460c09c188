"""The state of users: one fixed-size record each, so that a batch of users is one array.

A record, with `k` half-life windows, `n` last interactions and `dim` dimensions::

    version, events, last_ms        guard of the rows, accepted events, newest of them
    as_of, weight, sum              per window: reference time, decayed weight, decayed sum (dim)
    unwritten                       weight added since the rows that are written lazily were
                                    written: one per window, and one for the user's own row
    ring_*                          per interaction, newest first: time, key, reference, weight
                                    (0: empty, negative: taken back), whether it is a text

4 windows of 384 dimensions and 32 interactions take 7.2 kB, one window alone 1.6 kB. An entry
leaves out the last sums that say nothing of their own (`pack_records`): 4.1 kB for whoever neither
dislikes nor comments, 5.6 kB for whoever does not comment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jobs.errors import StateSchemaError

NEVER = np.iinfo(np.int64).min
_ID = np.dtype([("key", "<u8"), ("minute", "<u4")])

Records = NDArray[np.void]
InteractionColumns = Records | Mapping[str, NDArray[Any]]
"""The `ring_*` columns of some records, `(users, last_n)` each; or the records themselves."""
EventIds = NDArray[np.void]


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

        `version` must be above that of any record that these users had before: microseconds of
        the clock, since nobody's events come faster than one in a microsecond for long.
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
    """What is known of a user; a tuple, since thousands are made with every batch. The map state
    holds it as a plain one, which depends on no class.

    `record`, `texts` and `marks` are bytes in the dtypes of the layout and of
    `jobs.core.interest.undo`, `ids` the recent event keys with the minute they arrived;
    `layout` is the number of the record's layout in the bucket's book.
    """

    record: bytes
    ids: bytes = b""
    texts: bytes = b""
    undo_log: bytes = b""
    layout: int = 0


make_entry: Callable[[tuple[Any, ...]], UserEntry] = partial(tuple.__new__, UserEntry)
"""An entry of all its five parts, at half the price of calling the class."""


def read_records(entries: Sequence[UserEntry | None], layout: Layout, version: int = 0) -> Records:
    """`(users,)` writable records; a missing or emptied entry gives an empty record."""
    (empty,) = pack_records(layout.empty(1, version))
    kept = [entry.record if entry and entry.record else empty for entry in entries]
    size = layout.dtype.itemsize
    left_out = _sums_left_out(kept, layout)
    # Each is copied once, to where it is worked on: they are megabytes, out of the cache.
    raw = np.empty(len(kept) * size, dtype=np.uint8)
    into = raw.data
    start = 0
    for record in kept:
        into[start : start + len(record)] = record
        start += size
    records: Records = raw.view(layout.dtype)
    sums, windows = records["sum"], len(layout.windows)
    for place in range(windows - int(left_out.max(initial=0)), windows):
        without = left_out >= windows - place
        for before in range(place):
            same = without & _weighs_the_same(records, place, before)
            users = _places(same)
            sums[users, place] = sums[users, before]
            without &= ~same
        sums[_places(without), place] = 0
    return records


def pack_records(records: Records) -> list[bytes]:
    """The bytes of each record, without the last sums that say nothing of their own: those of a
    window without weight, and those that are, bit for bit, what the first window with the same
    weight at the same time has."""
    sums = records["sum"]
    windows, dim = sums.shape[1:]
    left_out = np.zeros(len(records), dtype=np.intp)
    so_far = np.ones(len(records), dtype=bool)
    for place in reversed(range(windows)):
        spare = so_far & (records["weight"][:, place] == 0)
        asked = so_far & ~spare
        for before in range(place):
            alike = asked & _weighs_the_same(records, place, before)
            users = _places(alike)
            bits, others = (sums[users, window].view(np.uint32) for window in (place, before))
            spare[users] |= (bits == others).all(axis=1)
            asked &= ~alike
        left_out[spare] += 1
        so_far = spare
    size, raw = records.dtype.itemsize, records.view(np.uint8).data
    ends = np.arange(1, len(records) + 1) * size - left_out * dim * sums.itemsize
    return [
        bytes(raw[start:end])
        for start, end in zip(range(0, len(records) * size, size), ends.tolist(), strict=True)
    ]


def _weighs_the_same(records: Records, place: int, before: int) -> NDArray[np.bool_]:
    """`(users,)` whether two windows have one weight, other than 0, at one time."""
    weight, as_of = records["weight"], records["as_of"]
    same: NDArray[np.bool_] = (
        (weight[:, place] == weight[:, before])
        & (weight[:, place] != 0)
        & (as_of[:, place] == as_of[:, before])
    )
    return same


def _places(chosen: NDArray[np.bool_]) -> NDArray[np.intp] | slice:
    """An index of those chosen, which copies nothing where all are."""
    return slice(None) if chosen.all() else np.flatnonzero(chosen)


def _sums_left_out(kept: Sequence[bytes], layout: Layout) -> NDArray[np.intp]:
    """How many of the last sums each record is without."""
    size, of_sum = layout.dtype.itemsize, layout.dtype["sum"].base.itemsize * layout.dim
    lengths = np.array([len(record) for record in kept], dtype=np.intp)
    left_out, odd = np.divmod(size - lengths, of_sum)
    wrong = (odd != 0) | (left_out < 0) | (left_out > len(layout.windows))
    if wrong.any():
        raise StateSchemaError(
            f"the state of a user has {lengths[wrong][0]} bytes, and should have {size}, or less by"
            f" up to {len(layout.windows)} times {of_sum}"
        )
    return left_out


def interaction_columns(records: Records, users: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """What the records of `users` say about their last interactions, without the windows' sums,
    which are most of a record."""
    assert records.dtype.names is not None
    names = [name for name in records.dtype.names if name.startswith("ring_")]
    return {name: records[name][users] for name in names}


def migrate_entry(entry: UserEntry, old: Layout, new: Layout, number: int) -> UserEntry:
    """An entry of another configuration in today's layout, `number` in the bucket's book.

    Windows are found by their names: a new one begins empty, one that is gone is dropped, and one
    whose half-life was changed decays by the new one from its next event on. Of the last
    interactions the newest are kept. With a new window, earlier events can no longer be undone.
    Raises StateSchemaError for another dimension.
    """
    if old.dim != new.dim:
        raise StateSchemaError(
            f"the state was written with vectors of {old.dim} dimensions, this job's space has"
            f" {new.dim}: a space of another bundle starts without the state of the old one"
        )
    if not entry.record:
        return entry._replace(layout=number)
    before = read_records([entry], old)
    after = new.empty(1)
    for name in ("version", "events", "last_ms"):
        after[name] = before[name]
    kept = min(old.last_n, new.last_n)
    for name in ("ring_ms", "ring_key", "ring_ref", "ring_weight", "ring_is_text"):
        after[name][:, :kept] = before[name][:, :kept]
    for place, window in enumerate(new.windows):
        if window in old.windows:
            source = old.windows.index(window)
            for name in ("as_of", "weight", "unwritten", "sum"):
                after[name][:, place] = before[name][:, source]
    # What a new window has not counted must not be taken off it.
    undo_log = entry.undo_log if set(new.windows) <= set(old.windows) else b""
    # Whatever is written lazily is due: its rows may be of kinds that are new.
    after["unwritten"][:, -1] = max(1.0, float(before["unwritten"][0, -1]))
    (record,) = pack_records(after)
    return entry._replace(record=record, undo_log=undo_log, layout=number)


@dataclass(frozen=True)
class KnownIds:
    """Event ids that the users of a batch are known by: `key` `(ids,)`, user by user,
    `size` `(users,)` how many each has, `raw` the same as bytes."""

    key: NDArray[np.uint64]
    size: NDArray[np.intp]
    raw: list[bytes]


def known_ids(entries: Sequence[UserEntry | None], oldest_minute: int) -> KnownIds:
    """The ids of the entries that are still remembered: those from `oldest_minute` on."""
    raw = [b"" if entry is None else entry.ids for entry in entries]
    ids = np.frombuffer(b"".join(raw), dtype=_ID)
    size = np.array([len(mine) for mine in raw], dtype=np.intp) // _ID.itemsize
    old = ids["minute"] < oldest_minute
    if old.any():
        owner = np.repeat(np.arange(len(raw)), size)
        ids, owner = ids[~old], owner[~old]
        for index in np.unique(np.repeat(np.arange(len(raw)), size)[old]).tolist():
            raw[index] = ids[owner == index].tobytes()
        size = np.bincount(owner, minlength=len(raw))
    return KnownIds(ids["key"], size, raw)


def make_ids(keys: NDArray[np.uint64], minute: int) -> EventIds:
    ids = np.empty(len(keys), dtype=_ID)
    ids["key"] = keys
    ids["minute"] = minute
    return ids
