"""compare_variants(): rates and the variance of their ratio, against numpy."""

import numpy as np
import pytest
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def compare(db, users, numbers, periods, exposures, successes):
    return db.execute(
        "SELECT number, users, exposures, successes, log_lift, variance"
        " FROM interestream.compare_variants(%s::text[], %s::int[], %s::int[], %s::float8[],"
        " %s::float8[])",
        [users, numbers, periods, exposures, successes],
    ).fetchall()


def people(
    seed: int, users: int = 400, variants: int = 2
) -> tuple[list[str], Numbers, Numbers, Numbers]:
    """One row for each user: variant, shown items, clicks with a rate of the user's own."""
    rng = np.random.default_rng(seed)
    numbers = 1 + rng.integers(variants, size=users)
    exposures = rng.integers(1, 40, size=users)
    successes = rng.binomial(exposures, rng.beta(2, 8, size=users))
    return [f"u{n}" for n in range(users)], numbers, exposures, successes


def test_the_lift_is_the_ratio_of_the_rates_and_its_variance_that_of_the_delta_method(db):
    users, numbers, exposures, successes = people(1)
    rows = compare(
        db, users, numbers.tolist(), [1] * len(users), exposures.tolist(), successes.tolist()
    )
    variance, rate = 0.0, {}
    for number in (1, 2):
        own, did = exposures[numbers == number], successes[numbers == number]
        rate[number] = did.sum() / own.sum()
        # Textbook: Var(ln(mean y / mean x)) of pairs, without the mean's correction.
        y, x, n = did, own, len(own)
        cov = np.cov(np.vstack([y, x]), bias=True) / n
        variance += (
            cov[0, 0] / y.mean() ** 2
            + cov[1, 1] / x.mean() ** 2
            - 2 * cov[0, 1] / (y.mean() * x.mean())
        )
    assert [row[:2] for row in rows] == [(n, int((numbers == n).sum())) for n in (1, 2)]
    assert rows[0][2:4] == (exposures[numbers == 1].sum(), successes[numbers == 1].sum())
    assert rows[0][4:] == (None, None)
    assert rows[1][4] == pytest.approx(np.log(rate[2] / rate[1]))
    assert rows[1][5] == pytest.approx(variance * 400 / 399)


def test_a_user_on_both_sides_is_one_user(db):
    """With the same clicks in both variants nothing is left of what users differ in."""
    users, _, exposures, successes = people(2, 50)
    rows = compare(
        db,
        users * 2,
        [1] * 50 + [2] * 50,
        [1] * 100,
        np.tile(exposures, 2).tolist(),
        np.tile(successes, 2).tolist(),
    )
    assert rows[1][4:] == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-20))


def test_periods_are_compared_apart(db):
    """A variant that grows when rates rise gains nothing: here both have the same rates."""
    rows = compare(
        db,
        [f"u{n}" for n in range(1_000)],
        [1] * 450 + [2] * 50 + [1] * 50 + [2] * 450,
        [1] * 500 + [2] * 500,
        [10] * 1_000,
        ([1, 0] * 250) + ([5, 3] * 250),
    )
    # Clicks of each over all its users would be 4 times as many for the second one.
    assert rows[1][3] / rows[0][3] > 4
    assert rows[1][4] == pytest.approx(0, abs=1e-9)


def test_a_period_that_one_side_lacks_is_not_compared(db):
    rows = compare(db, ["a", "b", "c"], [1, 1, 2], [1, 2, 2], [10, 10, 10], [9, 2, 4])
    assert rows[1][4] == pytest.approx(np.log(2))


def test_a_rate_of_zero_has_no_lift(db):
    rows = compare(db, ["a", "b"], [1, 2], [1, 1], [10, 10], [0, 4])
    assert rows[1][4:] == (None, None)
    assert compare(db, None, None, None, None, None) == []


def test_intervals_of_many_draws_cover_the_truth(db):
    """400 draws of two equal groups: |lift| <= 1.96 standard errors in about 95 of 100."""
    covered = 0
    for seed in range(400):
        users, numbers, exposures, successes = people(seed + 10, 200)
        row = compare(
            db, users, numbers.tolist(), [1] * 200, exposures.tolist(), successes.tolist()
        )[1]
        covered += abs(row[4]) <= 1.96 * row[5] ** 0.5
    assert 0.92 * 400 <= covered <= 0.98 * 400
