"""Ids of a user's recent events: which events are duplicates, and where their ids are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.user_state import UserEntry, make_entry

ID = np.dtype([("key", "<u8"), ("minute", "<u4")])
"""An event's key, and the minute of the epoch at which it arrived. 12 bytes."""

_SCAN = 8
"""Largest number of events of a user that are compared one by one; more of them are sorted."""


@dataclass(frozen=True)
class KnownIds:
    """Ids of the recent events of a batch's users.

    `key` `(ids,)` are the events' keys, user by user. `size` `(users,)` is the number of ids of
    each user. `raw` are the same ids as bytes, one element per user.
    """

    key: NDArray[np.uint64]
    size: NDArray[np.intp]
    raw: list[bytes]


def known_ids(entries: Sequence[UserEntry | None], oldest_minute: int) -> KnownIds:
    """The ids of the entries, without those that arrived before `oldest_minute` of the epoch."""
    raw = [b"" if entry is None else entry.ids for entry in entries]
    ids = np.frombuffer(b"".join(raw), dtype=ID)
    size = np.array([len(user_ids) for user_ids in raw], dtype=np.intp) // ID.itemsize
    old = ids["minute"] < oldest_minute
    if old.any():
        owner = np.repeat(np.arange(len(raw)), size)
        ids, owner = ids[~old], owner[~old]
        for index in np.unique(np.repeat(np.arange(len(raw)), size)[old]).tolist():
            raw[index] = ids[owner == index].tobytes()
        size = np.bincount(owner, minlength=len(raw))
    return KnownIds(ids["key"], size, raw)


def make_ids(keys: NDArray[np.uint64], minute: int) -> NDArray[np.void]:
    """`(events,)` ids of events that arrived in `minute` of the epoch."""
    ids = np.empty(len(keys), dtype=ID)
    ids["key"] = keys
    ids["minute"] = minute
    return ids


def with_new_ids(
    entries: Sequence[UserEntry | None],
    known: KnownIds,
    keys: NDArray[np.uint64],
    user: NDArray[np.intp],
    *,
    minute: int,
    layout: int = 0,
) -> list[UserEntry | None]:
    """The entries with the ids of new events appended to the `known` ones.

    `keys` and `user` are `(events,)`: the events' keys and the indices of their entries; `minute`
    is the minute of the epoch at which the events arrived. A user without an entry gets one with
    the layout number `layout`. An entry without new events stays as it is.

    >>> keys, user = np.array([5, 7], dtype=np.uint64), np.array([1, 1])
    >>> found = with_new_ids([None, None], known_ids([None, None], 0), keys, user, minute=3)
    >>> found[0], known_ids(found, 0).key.tolist()
    (None, [5, 7])
    """
    by_user = np.argsort(user, kind="stable")
    raw = make_ids(keys[by_user], minute).tobytes()
    ends = np.searchsorted(user[by_user], np.arange(len(entries)), side="right")
    updated: list[UserEntry | None] = []
    empty = UserEntry(b"", layout=layout)
    start = 0
    for entry, before, end in zip(entries, known.raw, (ends * ID.itemsize).tolist(), strict=True):
        if end > start:
            record, _, texts, undo_log, number = entry or empty
            updated.append(make_entry((record, before + raw[start:end], texts, undo_log, number)))
        else:
            updated.append(entry)
        start = end
    return updated


def without_room(known: KnownIds, user: NDArray[np.intp], keep: int) -> NDArray[np.bool_]:
    """`(events,)`: True for new events whose users know `keep` ids already, those before included.

    >>> known = KnownIds(np.array([1, 2], dtype=np.uint64), np.array([2, 0]), [b"", b""])
    >>> without_room(known, np.array([0, 1, 0, 0]), keep=3).tolist()
    [False, False, True, True]
    """
    counts = np.bincount(user, minlength=len(known.size))
    if not (known.size + counts > keep).any():
        return np.zeros(len(user), dtype=bool)
    order = np.argsort(user, kind="stable")
    rank = np.empty(len(user), dtype=np.intp)
    rank[order] = np.arange(len(user)) - np.repeat(np.cumsum(counts) - counts, counts)
    beyond: NDArray[np.bool_] = rank + known.size[user] >= keep
    return beyond


def new_events(
    keys: NDArray[np.uint64], user: NDArray[np.intp], known: KnownIds
) -> NDArray[np.bool_]:
    """`(events,)`: True for the first event of each key that its user's known ids do not contain.

    >>> keys, user = np.array([5, 7, 5], dtype=np.uint64), np.array([0, 0, 0])
    >>> nothing_known = KnownIds(np.empty(0, np.uint64), np.zeros(1, np.intp), [b""])
    >>> new_events(keys, user, nothing_known).tolist()
    [True, True, False]
    """
    new = np.zeros(len(keys), dtype=bool)
    new[np.unique(keys, return_index=True)[1]] = True
    if not len(known.key):
        return new
    counts = np.bincount(user, minlength=len(known.size))
    order = np.argsort(user, kind="stable")
    starts = np.cumsum(counts) - counts
    last_id = np.cumsum(known.size)
    first_id = last_id - known.size
    has_ids = known.size > 0
    for rank in range(int(counts[has_ids & (counts <= _SCAN)].max(initial=0))):
        # One event of every user at once, compared with all known ids of the user.
        owners = np.flatnonzero(has_ids & (counts <= _SCAN) & (counts > rank))
        events = order[starts[owners] + rank]
        looked_up = np.zeros(len(known.size), dtype=np.uint64)
        looked_up[owners] = keys[events]
        hits = known.key == np.repeat(looked_up, known.size)
        hit = np.zeros(len(known.size), dtype=bool)
        hit[np.searchsorted(last_id, np.flatnonzero(hits), side="right")] = True
        new[events[hit[owners]]] = False
    for owner in np.flatnonzero(has_ids & (counts > _SCAN)).tolist():
        events = order[starts[owner] : starts[owner] + counts[owner]]
        known_keys = known.key[first_id[owner] : first_id[owner] + known.size[owner]]
        new[events] &= ~np.isin(keys[events], known_keys)
    return new
