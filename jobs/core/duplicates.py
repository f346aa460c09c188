"""Which events of a batch are new."""

import numpy as np
import numpy.typing as npt

from jobs.core.user_state import EventIds


def new_events(keys: npt.NDArray[np.uint64], known: list[EventIds]) -> npt.NDArray[np.bool_]:
    """``(events,)`` True for the first of each key that is in none of the users' known ids.

    A key already contains its user, so the users of a batch are looked through together.

    >>> new_events(np.array([5, 7, 5], dtype=np.uint64), []).tolist()
    [True, True, False]
    """
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    if known:
        seen = np.concatenate([ids["key"] for ids in known])
        first &= ~np.isin(keys, seen)
    return first
