"""ratio_mismatch(): Pearson's test of each period, all periods together."""

import pytest
from scipy.stats import chisquare


def mismatch(db, periods, users, shares):
    row = db.execute(
        "SELECT interestream.ratio_mismatch(%s::int[], %s::bigint[], %s::float8[])",
        [periods, users, shares],
    ).fetchone()
    return row[0]


@pytest.mark.parametrize(
    ("users", "shares"),
    [([480, 520], [0.5, 0.5]), ([100, 190], [0.1, 0.2]), ([300, 310, 420], [0.3, 0.3, 0.4])],
)
def test_one_period_is_pearsons_test(db, users, shares):
    expected = [sum(users) * share / sum(shares) for share in shares]
    found = mismatch(db, [1] * len(users), users, shares)
    assert found == pytest.approx(chisquare(users, expected).pvalue, abs=1e-9)


def test_of_several_periods_the_worst_counts_as_many_times_as_there_are(db):
    worst = chisquare([60, 140]).pvalue
    found = mismatch(db, [1, 1, 2, 2], [60, 140, 50, 450], [0.5, 0.5, 0.1, 0.9])
    assert found == pytest.approx(2 * worst, abs=1e-9)


def test_too_few_users_say_nothing(db):
    assert mismatch(db, [1, 1], [0, 9], [0.5, 0.5]) is None
    assert mismatch(db, [1, 1], [0, 0], [0.5, 0.5]) is None
    assert mismatch(db, None, None, None) is None


def test_a_variant_without_a_share_expects_nobody(db):
    assert mismatch(db, [1, 1, 1], [50, 50, 7], [0.5, 0.5, 0.0]) == pytest.approx(1.0)
