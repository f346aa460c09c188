"""The steps of a change, without a job and without encoding: the spaces are there already."""

import pytest

from jobs.errors import InterestreamError
from jobs.spaces.change.change import find_or_build_space, stored_documents, switch_when_ready
from jobs.spaces.change.readiness import Requirements
from tests.jobs.spaces.change.conftest import active_space_id, set_records_read
from tests.sql.builders import add_space
from tests.udfs.builders import tiny_bundle
from udfs.bundle import read_manifest

LENIENT = Requirements(items=0, users=0, behind_s=0.1)


class RecordingReporter:
    """Keeps the names of the steps."""

    def __init__(self):
        self.steps = []

    def message(self, step, text, **fields):
        self.steps.append(step)

    def coverage(self, space_id, coverage):
        pass

    def checked(self, space_id, result):
        self.steps.append("checked")


@pytest.fixture
def reporter():
    return RecordingReporter()


def find_or_build(db, dsn, bundle, reporter):
    return find_or_build_space(db, dsn, bundle, reporter, data=None, sample=10, fresh=False)


def test_an_inactive_space_of_the_bundle_is_used_again(two_spaces, dsn, tmp_path, reporter):
    bundle = tiny_bundle(tmp_path / "bundle")
    existing = add_space(two_spaces, sha256=read_manifest(bundle).bundle_sha256)
    assert find_or_build(two_spaces, dsn, bundle, reporter) == existing
    assert reporter.steps == ["space"]


def test_the_bundle_of_the_active_space_is_refused(two_spaces, dsn, tmp_path, reporter):
    bundle = tiny_bundle(tmp_path / "bundle")
    existing = add_space(two_spaces, sha256=read_manifest(bundle).bundle_sha256)
    two_spaces.execute("SELECT interestream.activate_space(%s)", [existing])
    with pytest.raises(InterestreamError, match=f"space {existing} already has this bundle"):
        find_or_build(two_spaces, dsn, bundle, reporter)


def test_a_space_that_meets_the_requirements_becomes_active(two_spaces, reporter):
    set_records_read(two_spaces, 2, 10)
    assert switch_when_ready(two_spaces, 2, LENIENT, reporter)
    assert reporter.steps == ["index", "checked", "active"]
    assert active_space_id(two_spaces) == 2


def test_a_space_that_fails_the_check_does_not_become_active(two_spaces, reporter):
    set_records_read(two_spaces, 2, 10)
    strict = Requirements(behind_s=0.1, patience_s=0.1)
    assert not switch_when_ready(two_spaces, 2, strict, reporter)
    assert reporter.steps == ["index", "checked", "refused"]
    assert active_space_id(two_spaces) == 1


def test_without_the_switch_a_ready_space_stays_inactive(two_spaces, reporter):
    set_records_read(two_spaces, 2, 10)
    assert switch_when_ready(two_spaces, 2, LENIENT, reporter, switch=False)
    assert reporter.steps == ["index", "checked", "ready"]
    assert active_space_id(two_spaces) == 1


def test_stored_documents_include_withdrawn_items(two_spaces):
    two_spaces.execute("UPDATE interestream.items SET available = false WHERE item_id = 'i0'")
    with two_spaces.transaction():
        assert len(list(stored_documents(two_spaces))) == 6
