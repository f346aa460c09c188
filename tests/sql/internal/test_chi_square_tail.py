"""chi_square_tail(): against scipy."""

import pytest
from scipy.stats import chi2


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8])
@pytest.mark.parametrize("statistic", [0.0, 1e-6, 0.3, 1.0, 4.0, 11.0, 30.0, 60.0])
def test_it_is_what_scipy_says(db, statistic, freedom):
    row = db.execute("SELECT interestream.chi_square_tail(%s, %s)", [statistic, freedom]).fetchone()
    assert row[0] == pytest.approx(chi2.sf(statistic, freedom), abs=1e-12)


def test_far_out_it_is_zero(db):
    assert db.execute("SELECT interestream.chi_square_tail(5000, 1)").fetchone() == (0.0,)
