"""What is waited for before a switch, and which spaces fail the check."""

import threading
import time

import psycopg

from jobs.spaces.change.coverage import Coverage
from jobs.spaces.change.readiness import Requirements, check_space, wait_caught_up
from tests.jobs.spaces.change.conftest import set_records_read


def test_a_space_that_lacks_items_and_users_is_refused_with_both_numbers(two_spaces):
    result = check_space(two_spaces, 2, Requirements())
    assert len(result.refused) == 2
    assert "4 of 6 items" in result.refused[0]
    assert "1 of 2 users" in result.refused[1]


def test_a_space_with_a_smaller_overlap_than_required_is_refused(two_spaces):
    # Both spaces recommend all six items to both users, so the overlap of the first ten is 1.
    assert check_space(two_spaces, 2, Requirements(items=0, users=0, overlap=1.0)).refused == ()
    result = check_space(two_spaces, 2, Requirements(items=0, users=0, overlap=1.1))
    assert result.refused == ("overlap@10 is 1.000, required: 1.1",)


def test_the_wait_ends_when_the_records_are_read_and_not_before(two_spaces, dsn):
    measured: list[Coverage] = []
    requirements = Requirements(items=0, users=0, behind_s=0.2)

    def catch_up():
        with psycopg.connect(dsn, autocommit=True) as job:
            for records in (3, 7, 10):
                time.sleep(0.5)
                set_records_read(job, 2, records)

    job = threading.Thread(target=catch_up)
    job.start()
    wait_caught_up(two_spaces, 2, requirements, on_coverage=measured.append, poll_s=0.05)
    job.join()
    assert measured[0].records_behind == 10
    assert measured[-1].records_behind == 0


def test_the_wait_ends_when_coverage_no_longer_grows(two_spaces):
    set_records_read(two_spaces, 2, 10)
    requirements = Requirements(behind_s=0.1, patience_s=0.3)
    coverage = wait_caught_up(two_spaces, 2, requirements, on_coverage=lambda _: None, poll_s=0.05)
    assert (coverage.items_covered, coverage.items) == (4, 6)
