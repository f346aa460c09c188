"""The experiment on privacy counts as it says."""

import numpy as np

from bench.private_counts import Events, counts_of_days, hit_rates, with_noise


def test_counts_are_bounded_by_user_and_day() -> None:
    events = Events(
        day=np.array([0, 0, 0, 1]), user=np.array([0, 0, 1, 0]), item=np.array([0, 1, 1, 1])
    )
    assert counts_of_days(events, None).tolist() == [[1, 2], [0, 1]]
    assert counts_of_days(events, 1).tolist() == [[1, 1], [0, 1]]


def test_noise_of_a_large_budget_is_none() -> None:
    counts = np.arange(6.0).reshape(2, 3)
    rng = np.random.default_rng(1)
    assert with_noise(counts, 0.01, rng).tolist() == counts.tolist()
    assert with_noise(counts, 10.0, rng).tolist() != counts.tolist()


def test_an_answer_knows_the_days_before_alone() -> None:
    """Item 11 is met on day 0 and asked for on day 1; item 0 of day 1 must not count."""
    users = np.arange(14)
    days = np.array([0] * 12 + [1, 1])
    items = np.array([*range(12), 0, 11])
    items[:6] = 11
    events = Events(days, users, items)
    counts = counts_of_days(events, None)
    assert hit_rates(counts, events, np.array([13]))[1] == 1.0
    assert hit_rates(np.zeros_like(counts) - counts, events, np.array([13]))[1] == 0.0
