"""Counts within a window of time, against a count over all events at every prefix."""

import numpy as np
import pytest

from jobs.evaluation.baselines.popularity import WindowedPopularity


@pytest.mark.parametrize("length_ms", [1, 50, 400, None])
def test_counts_equal_those_of_all_events_of_the_window(length_ms):
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.integers(0, 30, 200))
    items = rng.integers(0, 8, 200)
    window = WindowedPopularity(8, length_ms)
    for number, (time_ms, item) in enumerate(zip(times.tolist(), items.tolist(), strict=True)):
        since = -1 if length_ms is None else time_ms - length_ms
        within = items[:number][times[:number] > since]
        assert window.counts(time_ms).tolist() == np.bincount(within, minlength=8).tolist()
        window.add(item, time_ms)


def test_scores_go_up_to_1_and_are_0_without_events():
    window = WindowedPopularity(3, 100)
    assert window.scores(0).tolist() == [0, 0, 0]
    for item in (0, 0, 0, 1):
        window.add(item, 10)
    assert np.allclose(window.scores(20), [1, np.log(2) / np.log(4), 0])
