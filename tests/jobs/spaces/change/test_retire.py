"""Which spaces may be deleted, and which only with `force`."""

import psycopg
import pytest

from jobs.errors import InterestreamError
from jobs.spaces.change.retire import retire_space
from tests.jobs.spaces.change.conftest import set_records_read
from tests.sql.builders import add_space


def space_ids(db):
    rows = db.execute("SELECT space_id FROM interestream.spaces ORDER BY space_id").fetchall()
    return [space_id for (space_id,) in rows]


@pytest.mark.parametrize("force", [False, True])
def test_the_active_space_is_never_deleted(two_spaces, force):
    with pytest.raises(InterestreamError, match="is the active one"):
        retire_space(two_spaces, 1, force=force)
    assert space_ids(two_spaces) == [1, 2]


def test_the_previous_space_is_deleted_only_with_force(two_spaces):
    two_spaces.execute("SELECT interestream.activate_space(2)")
    with pytest.raises(InterestreamError, match="`interestream space back` goes back to"):
        retire_space(two_spaces, 1, force=False)
    retire_space(two_spaces, 1, force=True)
    assert space_ids(two_spaces) == [2]


def test_a_space_that_a_job_writes_to_is_deleted_only_with_force(two_spaces):
    set_records_read(two_spaces, 2, 5)
    with pytest.raises(InterestreamError, match="a job wrote to space 2 within the last 60 s"):
        retire_space(two_spaces, 2, force=False)
    retire_space(two_spaces, 2, force=True)
    assert space_ids(two_spaces) == [1]


def test_an_unused_space_is_deleted(two_spaces):
    unused = add_space(two_spaces, sha256="cc")
    retire_space(two_spaces, unused, force=False)
    assert space_ids(two_spaces) == [1, 2]


def test_an_unknown_space_is_an_error(two_spaces):
    with pytest.raises(psycopg.errors.UndefinedObject, match="there is no embedding space 9"):
        retire_space(two_spaces, 9, force=False)
