"""user_place(): a hash that anybody can compute, and that spreads users evenly."""

import hashlib

import numpy as np
from scipy.stats import chisquare


def place(experiment: str, user: str) -> int:
    first = hashlib.sha256(f"{experiment}:{user}".encode()).digest()[:4]
    return int.from_bytes(first, "big") * 10_000 >> 32


def test_it_is_the_first_bits_of_the_sha256_of_experiment_and_user(db):
    for experiment, user in [("trial", "ann"), ("trial", ""), ("a.b", "名前"), ("t", "a:b'\\")]:
        row = db.execute("SELECT interestream.user_place(%s, %s)", [experiment, user]).fetchone()
        assert row == (place(experiment, user),)


def test_users_spread_evenly_and_anew_in_each_experiment(db):
    rows = db.execute(
        "SELECT interestream.user_place('one', 'user' || n),"
        " interestream.user_place('two', 'user' || n)"
        " FROM generate_series(1, 20000) AS n"
    ).fetchall()
    one, two = np.array(rows).T
    assert 0 <= one.min() <= 10
    assert 9_989 <= one.max() <= 9_999
    cells = np.bincount(one // 1_000 * 10 + two // 1_000, minlength=100)
    assert chisquare(cells).pvalue > 0.001
