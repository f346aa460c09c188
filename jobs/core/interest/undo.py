"""Undoing: an unlike undoes the likes of the same item that come before it, a rating the ratings.

Which events count is a function of the set of events: an event is undone if an event that undoes
its action, by the same user on the same item, comes later in the order (time, key). It does not
matter which of them arrives first. An event that replaces earlier ones of its own action undoes
them, counts itself, and can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNDO_ENTRY = np.dtype(
    [
        ("ref", "<u8"),
        ("key", "<u8"),
        ("ms", "<i8"),
        ("weight", "<f8"),
        ("bit", "u1"),
        ("undoes", "?"),
        ("undone", "?"),
    ]
)
"""An event of an undo log, 35 bytes: one that can be undone, one that `undoes` others, or both.

`ref` is the item's reference, `ms` (epoch milliseconds) and `key` are the order, `weight` is
signed, `bit` is the number of the bit of the action that can be undone, and `undone` is whether the
event is undone. An event that undoes others and has a weight replaces them; without a weight there
is nothing of it to undo.
"""

UndoLog = NDArray[np.void]
"""Events `(n,)` of type UNDO_ENTRY."""

NOT_UNDOABLE = 255
"""The `undo_bit` of an event that neither undoes others nor can be undone."""

_MIX, _MIX_BITS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
"""Odd numbers that spread users, items and actions over all 64 bits of a product."""


@dataclass(frozen=True)
class Undone:
    """The result of `undo`.

    - `undone` `(n,)`: events of the former logs that are undone now; `undone_user` `(n,)`: the
      indices of their users.
    - `undone_early`: indices of the new events that do not count, since others undo them.
    - `undone_by`, `undone_early_by`: indices of the new events that undid each of them; of several
      the first. -1 where an event of the former logs did.
    - `kept`: the new log of each user, as bytes.
    """

    undone: UndoLog
    undone_user: NDArray[np.intp]
    undone_by: NDArray[np.intp]
    undone_early: NDArray[np.intp]
    undone_early_by: NDArray[np.intp]
    kept: list[bytes]


def undo(known: Sequence[bytes], new: UndoLog, new_user: NDArray[np.intp], keep: int) -> Undone:
    """Find the events that are undone, among the former logs and the new events.

    `known` holds the log of each user as bytes, as a former call has made it; `new` and `new_user`
    are `(n,)`: the new events, one at least, and the indices of their users. Each user's new log
    keeps the newest `keep` events; an older event can no longer be undone.
    """
    old = np.frombuffer(bytearray().join(known), dtype=UNDO_ENTRY)
    sizes = np.array([len(raw) // UNDO_ENTRY.itemsize for raw in known], dtype=np.intp)
    old_user = np.repeat(np.arange(len(known)), sizes)
    # What new events have nothing to do with was decided when it was logged.
    met = np.flatnonzero(_may_meet(old, old_user, new, new_user))
    log = np.concatenate([old[met], new])
    user = np.concatenate([old_user[met], new_user])
    order = np.lexsort((log["key"], log["ms"], log["bit"], log["ref"], user))
    log, user = log[order], user[order]
    # A group is the events of one user, item and action.
    groups = np.flatnonzero(
        np.r_[
            True,
            (user[1:] != user[:-1])
            | (log["ref"][1:] != log["ref"][:-1])
            | (log["bit"][1:] != log["bit"][:-1]),
        ]
    )
    index = np.arange(len(log))
    last_undo = np.maximum.reduceat(np.where(log["undoes"], index, -1), groups)
    group = np.repeat(np.arange(len(groups)), np.diff(np.r_[groups, len(log)]))
    counts = ~log["undoes"] | (log["weight"] != 0)
    undone = counts & (index < last_undo[group])
    undone_now = undone & ~log["undone"]
    is_new = order >= len(met)
    position = np.where(is_new, order - len(met), -1)
    before, early = np.flatnonzero(undone_now & ~is_new), np.flatnonzero(undone_now & is_new)
    first = _first_undo(log["undoes"], position, group, len(new))
    log["undone"] |= undone
    old["undone"][met[order[~is_new]]] = log["undone"][~is_new]
    return Undone(
        undone=log[before],
        undone_user=user[before],
        undone_by=first[before],
        undone_early=position[early],
        undone_early_by=first[early],
        kept=_newest(old, sizes, log[is_new], user[is_new], keep),
    )


def _first_undo(
    undoes: NDArray[np.bool_], position: NDArray[np.intp], group: NDArray[np.intp], count: int
) -> NDArray[np.intp]:
    """`(n,)`: the least position, of `count`, of the events behind each in its group that undo.

    An event without one has any number. The groups are sorted.
    """
    # Read backwards, the numbers of a group are below those of the groups before.
    base = group * (count + 2) + 1
    least = np.minimum.accumulate((base + np.where(undoes, position, count))[::-1])[::-1]
    found: NDArray[np.intp] = np.r_[least[1:], 0] - base
    return found


def _may_meet(
    old: UndoLog, old_user: NDArray[np.intp], new: UndoLog, new_user: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """`(old,)`: False for an event of whose user, item and action no new event is.

    A few others are True by chance: the table of the new events has a place per hash, with 32
    places or more for each event.
    """
    bits = max(int(len(new) * 32).bit_length(), 10)
    shift = np.uint64(64 - bits)

    def place(log: UndoLog, user: NDArray[np.intp]) -> NDArray[np.uint64]:
        mixed = log["ref"] + user.astype(np.uint64) * _MIX + log["bit"] * _MIX_BITS
        hashed: NDArray[np.uint64] = (mixed * _MIX) >> shift
        return hashed

    table = np.zeros(1 << bits, dtype=bool)
    table[place(new, new_user)] = True
    return table[place(old, old_user)]


def _newest(
    old: UndoLog,
    sizes: NDArray[np.intp],
    new: UndoLog,
    new_user: NDArray[np.intp],
    keep: int,
) -> list[bytes]:
    """The newest `keep` events of each user, ordered by (ms, key), as bytes.

    `old` are the former logs of all users, one behind the other and each ordered, `sizes`
    `(users,)` the numbers of their events.
    """
    users = np.arange(len(sizes))
    order = np.lexsort((new["key"], new["ms"], new_user))
    new, new_user = new[order], new_user[order]
    old_ends = np.cumsum(sizes)
    new_ends = np.searchsorted(new_user, users, side="right")
    new_starts = np.r_[0, new_ends[:-1]]
    mixed = np.zeros(len(users), dtype=bool)
    both = np.flatnonzero((sizes > 0) & (new_ends > new_starts))
    last, first = old[old_ends[both] - 1], new[new_starts[both]]
    mixed[both] = (first["ms"] < last["ms"]) | (
        (first["ms"] == last["ms"]) & (first["key"] < last["key"])
    )
    from_new = np.minimum(new_ends - new_starts, keep)
    from_old = np.minimum(sizes, keep - from_new)
    size = UNDO_ENTRY.itemsize
    old_bytes, new_bytes = old.view(np.uint8).data, new.view(np.uint8).data
    kept = [
        b"".join((old_bytes[a:b], new_bytes[c:d]))
        for a, b, c, d in zip(
            ((old_ends - from_old) * size).tolist(),
            (old_ends * size).tolist(),
            ((new_ends - from_new) * size).tolist(),
            (new_ends * size).tolist(),
            strict=True,
        )
    ]
    if mixed.any():
        some = np.flatnonzero(mixed)
        old_user = np.repeat(users, sizes)
        log = np.concatenate([old[mixed[old_user]], new[mixed[new_user]]])
        owner = np.concatenate([old_user[mixed[old_user]], new_user[mixed[new_user]]])
        log = log[np.lexsort((log["key"], log["ms"], owner))]
        ends = np.cumsum(sizes[some] + (new_ends - new_starts)[some])
        starts = np.maximum(np.r_[0, ends[:-1]], ends - keep)
        for user, start, end in zip(some.tolist(), starts.tolist(), ends.tolist(), strict=True):
            kept[user] = log[start:end].tobytes()
    return kept
