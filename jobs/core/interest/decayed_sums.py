"""Half-life windows: sums of weighted vectors, decayed to their newest event.

Addition commutes, so any order of arrival gives the same vector up to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.contributions import Contributions
from jobs.core.interest.user_state import NEVER, Records, sum_words
from jobs.core.kernels.loaded import kernels

TRACE = 1e-9
"""After an undo, a remaining weight below this is rounding error: the window is empty."""


@dataclass(frozen=True)
class Window:
    """A half-life window over likes (`sign` 1), dislikes (-1), or engagement (0).

    `half_life_ms` is in milliseconds.
    """

    name: str
    half_life_ms: float
    sign: int = 1

    def select(self, new: Contributions) -> NDArray[np.intp]:
        """`(n,)` indices of the contributions that belong to this window."""
        if self.sign == 0:
            return np.flatnonzero(new.engages)
        return np.flatnonzero(new.likes & (new.weight * self.sign > 0))


def update_sums(records: Records, new: Contributions, windows: Sequence[Window]) -> None:
    """Add the contributions to the windows of the records `(users,)`, in place."""
    for index, window in enumerate(windows):
        chosen = window.select(new)
        if chosen.size:
            _update(records, index, window, new, chosen)


def _update(
    records: Records,
    index: int,
    window: Window,
    new: Contributions,
    chosen: NDArray[np.intp],
) -> None:
    chosen = chosen[np.argsort(new.user[chosen], kind="stable")]
    owner = new.user[chosen]
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    ends = np.r_[starts, len(owner)]
    touched = owner[starts]
    user = np.repeat(np.arange(len(touched)), np.diff(ends))
    time_ms, multiplicity = new.time_ms[chosen], new.multiplicity[chosen]
    before = records["as_of"][touched, index]
    after = before.copy()
    np.maximum.at(after, user, time_ms)
    # An empty window has no sum to decay, and the difference to NEVER would overflow.
    age = np.where(before == NEVER, 0, after - before).astype(np.float64)
    keep = np.exp2(-age / window.half_life_ms)
    decay = np.exp2(-(after[user] - time_ms) / window.half_life_ms)
    share = np.abs(new.weight[chosen]) * multiplicity * decay
    weight = records["weight"][touched, index] * keep
    weight += np.bincount(user, weights=share, minlength=len(touched))
    empty = (weight < TRACE) & (multiplicity.min() < 0)
    weight[empty] = 0
    if (compiled := kernels()) and (found := sum_words(records)):
        words, first, dim = found
        compiled.add_to_sums(
            words,
            first + index * dim,
            touched,
            keep.astype(np.float32),
            empty,
            ends,
            share.astype(np.float32),
            new.row[chosen],
            new.vectors.items,
            new.vectors.texts,
        )
    else:
        total = records["sum"][touched, index] * keep[:, None].astype(np.float32)
        total += new.vectors.sums(share.astype(np.float32), new.row[chosen], ends)
        total[empty] = 0
        records["sum"][touched, index] = total
    records["weight"][touched, index] = weight
    records["as_of"][touched, index] = after
    moved = np.bincount(user, weights=np.abs(share), minlength=len(touched))
    # At least `tiny`: a window whose time alone has changed must be written, too.
    records["unwritten"][touched, index] += np.maximum(moved, np.finfo(np.float32).tiny)
