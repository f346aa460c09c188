"""Which events of a batch are new."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.user_state import KnownIds

_SCAN = 8
"""Events of one user that are looked for one after another; more of them by sorting."""


def new_events(
    keys: NDArray[np.uint64], user: NDArray[np.intp], known: KnownIds
) -> NDArray[np.bool_]:
    """`(events,)` True for the first of each key that is not among the known ids of its user.

    >>> keys, user = np.array([5, 7, 5], dtype=np.uint64), np.array([0, 0, 0])
    >>> nobody = KnownIds(np.empty(0, np.uint64), np.zeros(1, np.intp), [b""])
    >>> new_events(keys, user, nobody).tolist()
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
    asked = known.size > 0
    for rank in range(int(counts[asked & (counts <= _SCAN)].max(initial=0))):
        # Everybody's next event at once, held against all ids that its user is known by.
        owners = np.flatnonzero(asked & (counts <= _SCAN) & (counts > rank))
        events = order[starts[owners] + rank]
        wanted = np.zeros(len(known.size), dtype=np.uint64)
        wanted[owners] = keys[events]
        hits = known.key == np.repeat(wanted, known.size)
        hit = np.zeros(len(known.size), dtype=bool)
        hit[np.searchsorted(last_id, np.flatnonzero(hits), side="right")] = True
        new[events[hit[owners]]] = False
    for owner in np.flatnonzero(asked & (counts > _SCAN)).tolist():
        events = order[starts[owner] : starts[owner] + counts[owner]]
        mine = known.key[first_id[owner] : first_id[owner] + known.size[owner]]
        new[events] &= ~np.isin(keys[events], mine)
    return new
