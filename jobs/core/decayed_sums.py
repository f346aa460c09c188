"""Half-life windows and dislikes: sums of weighted vectors, decayed to their newest event.

Addition commutes, so any order of arrival gives the same vector up to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from jobs.core.contributions import Contributions
from jobs.core.user_state import NEVER, Records


@dataclass(frozen=True)
class Window:
    """A half-life window over events of one sign."""

    name: str
    half_life_ms: float
    sign: int = 1


def update_sums(records: Records, new: Contributions, windows: Sequence[Window]) -> Records:
    """Records ``(users,)`` with the contributions added to every window of their sign."""
    updated = records.copy()
    users, rows = len(records), len(new.vectors)
    for index, window in enumerate(windows):
        chosen = np.flatnonzero(new.weight * window.sign > 0)
        if not chosen.size:
            continue
        user, time_ms = new.user[chosen], new.time_ms[chosen]
        before = records["as_of"][:, index]
        after = before.copy()
        np.maximum.at(after, user, time_ms)
        # An empty window has nothing to decay; the difference would overflow.
        age = np.where(before == NEVER, 0, after - before).astype(np.float64)
        keep = np.exp2(-age / window.half_life_ms)
        share = np.abs(new.weight[chosen]) * np.exp2(-(after[user] - time_ms) / window.half_life_ms)
        added = sparse.csr_array(
            (share.astype(np.float32), (user, new.row[chosen])), shape=(users, rows)
        )
        updated["sum"][:, index] *= keep[:, None].astype(np.float32)
        updated["sum"][:, index] += added @ new.vectors
        updated["weight"][:, index] *= keep
        updated["weight"][:, index] += np.bincount(user, weights=share, minlength=users)
        updated["as_of"][:, index] = after
    return updated
