"""The state of a bucket: packing, its first value, layouts, and the check of its space."""

import pytest

from jobs.core.progress import Progress
from jobs.errors import StateSchemaError
from jobs.operators.bucket_state import BucketState, read_bucket_state
from tests.fakes.keyed_context import Cells, FakeValueState

LAYOUTS = ((4, ("day",), 5), (4, ("day", "topics"), 32))
SPACE = 3
FULL = BucketState(
    7,
    Progress(21, 1, 2, 3, 4, 11, 6),
    Progress(5, applied=5),
    timer_ms=99,
    expiry_ms=1,
    layouts=LAYOUTS,
    space_id=SPACE,
)


def test_unpacking_gives_the_packed_bucket_state():
    assert BucketState.unpack(FULL.pack()) == FULL


def test_a_packed_bucket_state_is_made_of_plain_values():
    def plain(value: object) -> bool:
        return type(value) in {int, str} or (type(value) is tuple and all(map(plain, value)))

    assert plain(FULL.pack())


def test_a_bucket_without_state_begins_with_the_epoch_of_the_job():
    cells: Cells = {}
    state = FakeValueState(lambda: cells)
    assert read_bucket_state(state, 9, SPACE) == BucketState(9, space_id=SPACE)
    state.update(FULL.pack())
    assert read_bucket_state(state, 9, SPACE) == FULL


def test_layouts_are_never_dropped_and_the_current_one_is_the_last():
    cells: Cells = {}
    state = FakeValueState(lambda: cells)
    old, new = LAYOUTS
    assert read_bucket_state(state, 9, SPACE, old).layouts == (old,)
    state.update(read_bucket_state(state, 9, SPACE, old).pack())
    assert read_bucket_state(state, 9, SPACE, old).layouts == (old,)
    assert read_bucket_state(state, 9, SPACE, new).layouts == (old, new)
    state.update(read_bucket_state(state, 9, SPACE, new).pack())
    # A layout that returns gets a new number, so the current layout always has the last one.
    assert read_bucket_state(state, 9, SPACE, old).layouts == (old, new, old)


def test_the_state_of_another_space_is_refused_with_both_numbers():
    cells: Cells = {}
    state = FakeValueState(lambda: cells)
    state.update(FULL.pack())
    with pytest.raises(StateSchemaError, match=r"space 3.*space 4"):
        read_bucket_state(state, 9, SPACE + 1)
