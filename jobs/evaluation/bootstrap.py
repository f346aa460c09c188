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


def intervals(
    columns: NDArray[np.float64],
    user: NDArray[np.int64],
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[Interval]:
    """The mean of each of `columns` `(n, m)`, with the 2.5th and 97.5th percentile of resamples.

    Users, given by number in `user` `(n,)`, are drawn with replacement, each with all of its rows,
    since the questions of one user are not independent. All columns see the same draws. NaN values
    are left out. The difference of two systems on the same questions is a column of its own: that
    pairs them. A column without any value has NaN in all three.

    >>> intervals(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([3, 4]))[0]
    Interval(mean=1.0, low=1.0, high=1.0)
    """
    _, group = np.unique(user, return_inverse=True)
    users = int(group.max(initial=-1)) + 1
    known = np.isfinite(columns)
    sums, sizes = np.zeros((users, columns.shape[1])), np.zeros((users, columns.shape[1]))
    np.add.at(sums, group, np.where(known, columns, 0.0))
    np.add.at(sizes, group, known.astype(np.float64))
    rng = np.random.default_rng(seed)
    with np.errstate(invalid="ignore"):
        means = np.concatenate(
            [
                (drawn @ sums) / (drawn @ sizes)
                for start in range(0, resamples, _AT_ONCE)
                for drawn in [_drawn(rng, users, min(_AT_ONCE, resamples - start))]
            ]
        )
        whole = sums.sum(axis=0) / sizes.sum(axis=0)
    return [
        Interval(mean, *np.nanquantile(means[:, column], [0.025, 0.975]).tolist())
        if np.isfinite(mean)
        else Interval(float("nan"), float("nan"), float("nan"))
        for column, mean in enumerate(whole.tolist())
    ]


def _drawn(rng: np.random.Generator, users: int, times: int) -> NDArray[np.float64]:
    """How often each user is drawn in each of `times` resamples: `(times, users)`."""
    places = rng.integers(0, users, (times, users)) + users * np.arange(times)[:, None]
    counts = np.bincount(places.ravel(), minlength=times * users)
    return counts.reshape(times, users).astype(np.float64)
