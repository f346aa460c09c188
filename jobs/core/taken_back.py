"""What users undo: an un-like takes back the likes of that item before it.

Which events count is a function of the set of events: one is taken back if an event that undoes
its action, on the same item, comes later in the order (time, key), whichever arrived first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MARK = np.dtype(
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
"""An event that can be undone, or (``undoes``) one that undoes: the item, the order, the signed
weight, and the bit of the action that can be undone. 35 bytes."""

Marks = npt.NDArray[np.void]
NOT_UNDOABLE = 255


@dataclass(frozen=True)
class TakenBack:
    """``back`` are marks of former batches that are taken back now, ``back_user`` their users;
    ``late`` the places, among the new marks, of what was taken back before it arrived; ``kept``
    the marks of each user from now on."""

    back: Marks
    back_user: npt.NDArray[np.intp]
    late: npt.NDArray[np.intp]
    kept: list[bytes]


def take_back(
    known: Sequence[bytes], new: Marks, new_user: npt.NDArray[np.intp], keep: int
) -> TakenBack:
    """Find what is taken back among the marks of ``(users,)``: the ``known`` ones and the ``new``.

    Of each user the newest ``keep`` marks are kept: what is older can no longer be undone.
    """
    old = np.frombuffer(b"".join(known), dtype=MARK)
    sizes = np.array([len(mine) // MARK.itemsize for mine in known], dtype=np.intp)
    marks = np.concatenate([old, new])
    user = np.concatenate([np.repeat(np.arange(len(known)), sizes), new_user])
    order = np.lexsort((marks["key"], marks["ms"], marks["bit"], marks["ref"], user))
    marks, user = marks[order], user[order]
    groups = np.flatnonzero(
        np.r_[
            True,
            (user[1:] != user[:-1])
            | (marks["ref"][1:] != marks["ref"][:-1])
            | (marks["bit"][1:] != marks["bit"][:-1]),
        ]
    )
    places = np.arange(len(marks))
    last_undo = np.maximum.reduceat(np.where(marks["undoes"], places, -1), groups)
    group = np.repeat(np.arange(len(groups)), np.diff(np.r_[groups, len(marks)]))
    taken = ~marks["undoes"] & (places < last_undo[group])
    fresh = taken & ~marks["taken"]
    is_new = order >= len(old)
    marks["taken"] |= taken
    return TakenBack(
        back=marks[fresh & ~is_new],
        back_user=user[fresh & ~is_new],
        late=order[fresh & is_new] - len(old),
        kept=_newest(marks, user, len(known), keep),
    )


def _newest(marks: Marks, user: npt.NDArray[np.intp], users: int, keep: int) -> list[bytes]:
    order = np.lexsort((marks["key"], marks["ms"], user))
    marks, user = marks[order], user[order]
    ends = np.searchsorted(user, np.arange(users), side="right")
    starts = np.r_[0, ends[:-1]]
    return [
        marks[max(start, end - keep) : end].tobytes()
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
