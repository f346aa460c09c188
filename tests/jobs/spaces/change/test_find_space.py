"""Which spaces a change is made between."""

import pytest

from jobs.errors import InterestreamError
from jobs.spaces.change.find_space import active_space_and_bundle, inactive_space_of_bundle


def test_an_inactive_space_of_a_bundle_is_found_and_the_active_one_is_not(two_spaces):
    assert inactive_space_of_bundle(two_spaces, "bb") == 2
    assert inactive_space_of_bundle(two_spaces, "aa") is None


def test_the_active_space_comes_with_its_bundle(two_spaces):
    assert active_space_and_bundle(two_spaces) == (1, "aa")


def test_without_an_active_space_the_error_names_the_command_that_makes_one(db):
    with pytest.raises(InterestreamError, match="interestream space create"):
        active_space_and_bundle(db)
