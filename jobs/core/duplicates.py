"""Which events of a batch are new."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.core.user_state import EventIds

_SCAN = 8
"""Events of one user that are looked for one after another; more of them by sorting."""


def new_events(
    keys: npt.NDArray[np.uint64], user: npt.NDArray[np.intp], known: Sequence[EventIds]
) -> npt.NDArray[np.bool_]:
    """``(events,)`` True for the first of each key that is not among the known ids of its user.

    >>> keys, user = np.array([5, 7, 5], dtype=np.uint64), np.array([0, 0, 0])
    >>> new_events(keys, user, [np.empty(0, dtype=[("key", "<u8"), ("minute", "<u4")])]).tolist()
    [True, True, False]
    """
    new = np.zeros(len(keys), dtype=bool)
    new[np.unique(keys, return_index=True)[1]] = True
    sizes = np.array([len(ids) for ids in known], dtype=np.intp)
    if not sizes.any():
        return new
    counts = np.bincount(user, minlength=len(known))
    order = np.argsort(user, kind="stable")
    starts = np.cumsum(counts) - counts
    scanned = (counts <= _SCAN) & (sizes > 0)
    for rank in range(int(counts[scanned].max(initial=0))):
        # Everybody's next event at once, held against all ids that its user is known by.
        owners = np.flatnonzero(scanned & (counts > rank))
        events = order[starts[owners] + rank]
        ids = np.concatenate([known[owner] for owner in owners.tolist()])["key"]
        hits = ids == np.repeat(keys[events], sizes[owners])
        ends = np.cumsum(sizes[owners]) - sizes[owners]
        new[events[np.logical_or.reduceat(hits, ends)]] = False
    for owner in np.flatnonzero((counts > _SCAN) & (sizes > 0)).tolist():
        events = order[starts[owner] : starts[owner] + counts[owner]]
        new[events] &= ~np.isin(keys[events], known[owner]["key"])
    return new
