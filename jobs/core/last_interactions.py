"""The last positive interactions of each user, ordered by (time, key), newest first."""

import numpy as np

from jobs.core.contributions import Contributions
from jobs.core.user_state import Records


def update_last(records: Records, new: Contributions) -> Records:
    """Records ``(users,)`` whose rings hold the newest of the old and new interactions.

    The result depends only on the set of interactions: the newest ``last_n`` of a union are the
    newest of its parts' newest.
    """
    liked = np.flatnonzero(new.weight > 0)
    if not liked.size:
        return records
    touched = np.unique(new.user[liked])
    old = records[touched]
    owner, place = np.nonzero(old["ring_weight"] > 0)
    user = np.concatenate([touched[owner], new.user[liked]])
    # A weight too small for float32 must not look like an empty place.
    weight = np.maximum(new.weight[liked].astype(np.float32), np.finfo(np.float32).tiny)
    columns = {
        "ring_ms": np.concatenate([old["ring_ms"][owner, place], new.time_ms[liked]]),
        "ring_key": np.concatenate([old["ring_key"][owner, place], new.key[liked]]),
        "ring_ref": np.concatenate([old["ring_ref"][owner, place], new.ref[liked]]),
        "ring_weight": np.concatenate([old["ring_weight"][owner, place], weight]),
        "ring_is_text": np.concatenate([old["ring_is_text"][owner, place], new.is_text[liked]]),
    }
    # Newest first within each user: lexsort is ascending, so the whole order is reversed.
    order = np.lexsort((columns["ring_key"], columns["ring_ms"], user))[::-1]
    user = user[order]
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    rank = np.arange(len(user)) - np.repeat(starts, np.diff(np.r_[starts, len(user)]))
    last_n = records["ring_ms"].shape[1]
    kept = rank < last_n
    updated = records.copy()
    for name, column in columns.items():
        ring = updated[name]
        ring[touched] = 0
        ring[user[kept], rank[kept]] = column[order][kept]
    return updated
