"""Undoing: an unlike undoes the likes of the same item that come before it.

Which events count is a function of the set of events: an event is undone if an event that undoes
its action, by the same user on the same item, comes later in the order (time, key). It does not
matter which of them arrives first.
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
"""An event of an undo log, 35 bytes: one that can be undone, or one that `undoes` others.

`ref` is the item's reference, `ms` (epoch milliseconds) and `key` are the order, `weight` is
signed, `bit` is the number of the bit of the action that can be undone, and `undone` is whether the
event is undone.
"""

UndoLog = NDArray[np.void]
"""Events `(n,)` of type UNDO_ENTRY."""

NOT_UNDOABLE = 255
"""The `undo_bit` of an event that neither undoes others nor can be undone."""


@dataclass(frozen=True)
class Undone:
    """The result of `undo`.

    - `undone` `(n,)`: events of the former logs that are undone now; `undone_user` `(n,)`: the
      indices of their users.
    - `undone_early`: indices of the new events that were undone before they arrived.
    - `kept`: the new log of each user, as bytes.
    """

    undone: UndoLog
    undone_user: NDArray[np.intp]
    undone_early: NDArray[np.intp]
    kept: list[bytes]


def undo(known: Sequence[bytes], new: UndoLog, new_user: NDArray[np.intp], keep: int) -> Undone:
    """Find the events that are undone, among the former logs and the new events.

    `known` holds the log of each user as bytes; `new` and `new_user` are `(n,)`: the new events and
    the indices of their users. Each user's new log keeps the newest `keep` events; an older event
    can no longer be undone.
    """
    old = np.frombuffer(b"".join(known), dtype=UNDO_ENTRY)
    sizes = np.array([len(raw) // UNDO_ENTRY.itemsize for raw in known], dtype=np.intp)
    log = np.concatenate([old, new])
    user = np.concatenate([np.repeat(np.arange(len(known)), sizes), new_user])
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
    undone = ~log["undoes"] & (index < last_undo[group])
    undone_now = undone & ~log["undone"]
    is_new = order >= len(old)
    log["undone"] |= undone
    return Undone(
        undone=log[undone_now & ~is_new],
        undone_user=user[undone_now & ~is_new],
        undone_early=order[undone_now & is_new] - len(old),
        kept=_newest(log, user, len(known), keep),
    )


def _newest(log: UndoLog, user: NDArray[np.intp], users: int, keep: int) -> list[bytes]:
    """The newest `keep` events of each user, as bytes."""
    order = np.lexsort((log["key"], log["ms"], user))
    log, user = log[order], user[order]
    ends = np.searchsorted(user, np.arange(users), side="right")
    starts = np.r_[0, ends[:-1]]
    return [
        log[max(start, end - keep) : end].tobytes()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
