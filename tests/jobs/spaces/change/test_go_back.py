"""Going back to the previous space."""

import pytest

from jobs.errors import InterestreamError
from jobs.spaces.change.go_back import activate_previous_space
from tests.jobs.spaces.change.conftest import active_space_id, set_records_read


def test_the_previous_space_becomes_active_with_how_far_its_job_is_behind(two_spaces):
    two_spaces.execute("SELECT interestream.activate_space(2)")
    set_records_read(two_spaces, 1, 10, written_ago_s=300)
    set_records_read(two_spaces, 2, 15)
    previous = activate_previous_space(two_spaces)
    assert (previous.space_id, previous.bundle, previous.dim) == (1, "mini 1", 8)
    assert previous.records_behind == 5
    assert previous.written_ago_s == pytest.approx(300, abs=60)
    assert active_space_id(two_spaces) == 1


def test_a_previous_space_without_a_job_has_never_written(two_spaces):
    two_spaces.execute("SELECT interestream.activate_space(2)")
    two_spaces.execute("DELETE FROM interestream.job_progress")
    assert activate_previous_space(two_spaces).written_ago_s is None


def test_without_a_previous_space_nothing_changes(two_spaces):
    with pytest.raises(InterestreamError, match="no other space was active before"):
        activate_previous_space(two_spaces)
    assert active_space_id(two_spaces) == 1
