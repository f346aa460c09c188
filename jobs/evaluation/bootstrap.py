"""Intervals of means by a bootstrap over users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
_AT_ONCE = 100


@dataclass(frozen=True)
class Interval:
    """A mean and its interval at 95 %."""

    mean: float
    low: float
    high: float


def interval(
    values: NDArray[np.float64], user: NDArray[np.int64], seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """The mean of `values` `(n,)`, with the 2.5th and 97.5th percentile of resampled means.

    Users, given by number in `user` `(n,)`, are drawn with replacement, each with all of its
    values, since the questions of one user are not independent. NaN values are left out. The
    difference of two systems on the same questions is given as `values`: that pairs them. Without
    any value all three are NaN.

    >>> interval(np.array([1.0, 1.0]), np.array([3, 4]))
    Interval(mean=1.0, low=1.0, high=1.0)
    """
    kept = np.isfinite(values)
    values, user = values[kept], user[kept]
    if not len(values):
        return Interval(float("nan"), float("nan"), float("nan"))
    _, group = np.unique(user, return_inverse=True)
    users = int(group.max()) + 1
    sums = np.bincount(group, weights=values, minlength=users)
    sizes = np.bincount(group, minlength=users).astype(np.float64)
    rng = np.random.default_rng(seed)
    means = [
        (drawn @ sums) / (drawn @ sizes)
        for start in range(0, resamples, _AT_ONCE)
        for drawn in [
            rng.multinomial(users, np.full(users, 1 / users), min(_AT_ONCE, resamples - start))
        ]
    ]
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))
