"""The demo's report: its sums add up."""

import pytest

from jobs.demo.report import sum_of_good


@pytest.mark.parametrize(
    ("applied", "excluded", "said"),
    [
        (30_004, 0, "30,004 of 30,004"),
        (29_982, 22, "29,982 counted + 22 of the forgotten user excluded = 30,004"),
        # An excluded event may be a duplicate as well.
        (29_990, 22, "29,990 counted + 14 of the forgotten user excluded = 30,004"),
        # What is lost without being excluded stays visible.
        (29_000, 22, "29,000 of 30,004"),
        (30_010, 22, "30,010 of 30,004"),
    ],
)
def test_good_events_add_up_with_those_of_the_forgotten_user(applied, excluded, said):
    assert sum_of_good(applied, 30_004, excluded) == said
