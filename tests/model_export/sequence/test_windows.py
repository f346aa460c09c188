"""Windows: each interaction is asked once, after those before it."""

import numpy as np

from model_export.sequence.interactions import ordered
from model_export.sequence.windows import histories_before, newest_histories, training_windows
from tests.model_export.sequence.planted import texts


def of_lengths(*lengths):
    user = np.repeat(np.arange(len(lengths)), lengths)
    at = np.arange(len(user))
    weight = np.ones(len(user), dtype=np.float32)
    return ordered(user, at, at.astype(np.int64), weight, [str(n) for n in at], texts(len(user)))


def test_each_interaction_but_a_users_first_is_asked_once():
    of = of_lengths(1, 2, 5, 9)
    windows = training_windows(of, 4)
    assert windows.at.shape[1] == 5
    asked = []
    for row in windows.at.tolist():
        there = [at for at in row if at >= 0]
        assert row == [-1] * (5 - len(there)) + there
        assert there == list(range(there[0], there[-1] + 1))
        assert len({int(of.user[at]) for at in there}) == 1
        asked += there[1:]
    firsts = set(of.starts[:-1].tolist())
    assert sorted(asked) == [at for at in range(len(of)) if at not in firsts]


def test_without_two_interactions_of_a_user_there_is_no_window():
    assert training_windows(of_lengths(1, 1), 4).at.shape == (0, 5)


def test_histories_end_before_what_is_asked_and_are_of_one_user():
    of = of_lengths(2, 5)
    assert histories_before(of, np.array([1, 2, 6]), 3).at.tolist() == [
        [-1, -1, 0],
        [-1, -1, -1],
        [3, 4, 5],
    ]
    assert newest_histories(of, np.array([0, 1]), 3).at.tolist() == [[-1, 0, 1], [4, 5, 6]]


def test_the_order_is_by_time_and_then_as_it_comes():
    user, item = np.array([1, 0, 1, 0]), np.array([0, 1, 2, 3])
    time_ms = np.array([5, 9, 5, 1])
    of = ordered(user, item, time_ms, np.ones(4, np.float32), list("abcd"), texts(4))
    assert of.item.tolist() == [3, 1, 0, 2]
    assert of.starts.tolist() == [0, 2, 4]
