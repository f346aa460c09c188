"""Intervals of means, against resampling written out user by user, and against theory."""

import math
from dataclasses import astuple
from typing import Any

import numpy as np

from jobs.evaluation.bootstrap import Interval, intervals


def interval(values: Any, user: Any, resamples: int = 2_000) -> Interval:
    return intervals(values[:, None], user, resamples=resamples)[0]


def test_it_agrees_with_resampling_users_one_by_one():
    rng = np.random.default_rng(4)
    user = rng.integers(0, 40, 300)
    values = rng.random(300) + user / 40
    by_user = [values[user == one] for one in np.unique(user)]
    means = [
        np.concatenate([by_user[n] for n in rng.integers(0, len(by_user), len(by_user))]).mean()
        for _ in range(4_000)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    found = interval(values, user, resamples=4_000)
    assert math.isclose(found.mean, values.mean())
    width = high - low
    assert abs(found.low - low) < 0.06 * width
    assert abs(found.high - high) < 0.06 * width


def test_questions_of_one_user_do_not_narrow_the_interval():
    values = np.random.default_rng(5).integers(0, 2, 60).astype(float)
    once = interval(values, np.arange(60))
    tenfold = interval(np.repeat(values, 10), np.repeat(np.arange(60), 10))
    assert math.isclose(once.high - once.low, tenfold.high - tenfold.low, rel_tol=0.01)


def test_the_width_of_independent_values_is_that_of_the_normal_distribution():
    values = np.random.default_rng(6).normal(size=2_000)
    found = interval(values, np.arange(2_000))
    expected = 2 * 1.96 * values.std() / math.sqrt(2_000)
    assert math.isclose(found.high - found.low, expected, rel_tol=0.08)


def test_the_difference_of_equal_systems_is_0_without_width():
    found = interval(np.zeros(20), np.arange(20) % 5)
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)


def test_missing_values_are_left_out():
    found = interval(np.array([1.0, np.nan]), np.array([0, 1]))
    assert (found.mean, found.low, found.high) == (1.0, 1.0, 1.0)
    assert math.isnan(interval(np.array([np.nan]), np.array([0])).mean)


def test_columns_share_their_draws_and_keep_their_own_gaps():
    rng = np.random.default_rng(7)
    user, columns = rng.integers(0, 20, 90), rng.random((90, 2))
    columns[::3, 1] = np.nan
    together = intervals(columns, user)
    for number, found in enumerate(together):
        assert np.allclose(astuple(found), astuple(interval(columns[:, number], user)))
    assert math.isclose(together[1].mean, np.nanmean(columns[:, 1]))
