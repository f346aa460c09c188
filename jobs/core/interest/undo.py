"""What users undo: an un-like takes back the likes of that item before it.

Which events count is a function of the set of events: one is taken back if an event that undoes
its action, on the same item, comes later in the order (time, key), whichever arrived first.
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
        ("taken", "?"),
    ]
)
"""An event that can be undone, or (`undoes`) one that undoes: the item, the order, the signed
weight, and the bit of the action that can be undone. 35 bytes."""

UndoLog = NDArray[np.void]
NOT_UNDOABLE = 255


@dataclass(frozen=True)
class Undone:
    """`back` are log of former batches that are taken back now, `undone_user` their users;
    `late` the places, among the new log, of what was taken back before it arrived; `kept`
    the log of each user from now on."""

    undone: UndoLog
    undone_user: NDArray[np.intp]
    undone_early: NDArray[np.intp]
    kept: list[bytes]


def undo(known: Sequence[bytes], new: UndoLog, new_user: NDArray[np.intp], keep: int) -> Undone:
    """Find what is taken back among the log of `(users,)`: the `known` ones and the `new`.

    Of each user the newest `keep` log are kept: what is older can no longer be undone.
    """
    old = np.frombuffer(b"".join(known), dtype=UNDO_ENTRY)
    sizes = np.array([len(mine) // UNDO_ENTRY.itemsize for mine in known], dtype=np.intp)
    log = np.concatenate([old, new])
    user = np.concatenate([np.repeat(np.arange(len(known)), sizes), new_user])
    order = np.lexsort((log["key"], log["ms"], log["bit"], log["ref"], user))
    log, user = log[order], user[order]
    groups = np.flatnonzero(
        np.r_[
            True,
            (user[1:] != user[:-1])
            | (log["ref"][1:] != log["ref"][:-1])
            | (log["bit"][1:] != log["bit"][:-1]),
        ]
    )
    places = np.arange(len(log))
    last_undo = np.maximum.reduceat(np.where(log["undoes"], places, -1), groups)
    group = np.repeat(np.arange(len(groups)), np.diff(np.r_[groups, len(log)]))
    taken = ~log["undoes"] & (places < last_undo[group])
    fresh = taken & ~log["taken"]
    is_new = order >= len(old)
    log["taken"] |= taken
    return Undone(
        undone=log[fresh & ~is_new],
        undone_user=user[fresh & ~is_new],
        undone_early=order[fresh & is_new] - len(old),
        kept=_newest(log, user, len(known), keep),
    )


def _newest(log: UndoLog, user: NDArray[np.intp], users: int, keep: int) -> list[bytes]:
    order = np.lexsort((log["key"], log["ms"], user))
    log, user = log[order], user[order]
    ends = np.searchsorted(user, np.arange(users), side="right")
    starts = np.r_[0, ends[:-1]]
    return [
        log[max(start, end - keep) : end].tobytes()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
