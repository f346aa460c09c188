"""The state of a user: what it keeps, for how long, and what it refuses to read."""

import numpy as np
import pytest

from jobs.core.user_state import (
    FORGOTTEN,
    LAYOUT_VERSION,
    NEVER,
    Layout,
    UserEntry,
    fresh_ids,
    make_ids,
    read_records,
)
from jobs.errors import StateSchemaError

LAYOUT = Layout(dim=4, windows=3, last_n=5)


def some_record(version: int) -> bytes:
    record = LAYOUT.empty(1)
    record["version"] = version
    return record.tobytes()


def ids_of(*pairs: tuple[int, int]) -> bytes:
    return b"".join(make_ids(np.array([key], dtype=np.uint64), m).tobytes() for key, m in pairs)


def test_an_entry_comes_back_as_it_was_packed():
    entry = UserEntry(some_record(3), ids_of((1, 5)), b"texts", "opt_out")
    assert UserEntry.unpack(entry.pack()) == entry


def test_a_packed_entry_is_a_plain_tuple_that_names_its_layout():
    packed = UserEntry(b"r").pack()
    assert type(packed) is tuple
    assert packed[0] == LAYOUT_VERSION


def test_an_entry_of_another_layout_is_refused_with_both_versions():
    packed = (LAYOUT_VERSION + 1, b"", b"", b"", "")
    with pytest.raises(StateSchemaError, match=f"layout {LAYOUT_VERSION + 1}.*{LAYOUT_VERSION}"):
        UserEntry.unpack(packed)


def test_records_of_another_shape_are_refused_instead_of_misread():
    # Twice as many bytes: two old records would pass for four new ones.
    other = Layout(dim=4, windows=3, last_n=64).empty(1).tobytes()
    with pytest.raises(StateSchemaError, match=f"{len(other)} bytes.*{LAYOUT.dtype.itemsize}"):
        read_records([None, UserEntry(other)], LAYOUT)


def test_users_without_a_record_start_empty():
    records = read_records([None, UserEntry(b""), UserEntry(some_record(7)), FORGOTTEN], LAYOUT)
    assert records["version"].tolist() == [0, 0, 7, 0]
    assert records["last_ms"].tolist() == [NEVER, NEVER, NEVER, NEVER]
    assert (records["as_of"] == NEVER).all()
    assert (records["ring_weight"] == 0).all()


def test_records_that_were_read_can_be_written_to_without_touching_the_state():
    entry = UserEntry(some_record(7))
    read_records([entry], LAYOUT)["version"] += 1
    assert entry.record == some_record(7)


def test_no_users_have_no_records():
    assert len(read_records([], LAYOUT)) == 0


def test_a_record_has_the_size_that_the_design_page_tells():
    assert Layout(dim=384, windows=3, last_n=32).dtype.itemsize == pytest.approx(5600, rel=0.02)


@pytest.mark.parametrize(
    ("oldest_minute", "left"), [(0, [1, 2, 3]), (5, [1, 2, 3]), (6, [2, 3]), (8, [3]), (10, [])]
)
def test_ids_expire_by_the_minute_in_which_they_came(oldest_minute, left):
    entry = UserEntry(b"", ids_of((1, 5), (2, 7), (3, 9)))
    assert fresh_ids(entry, oldest_minute)["key"].tolist() == left


def test_neither_nobody_nor_a_forgotten_user_has_ids():
    assert len(fresh_ids(None, 0)) == len(fresh_ids(FORGOTTEN, 0)) == 0


def test_the_tombstone_of_a_forgotten_user_holds_nothing_of_theirs():
    assert FORGOTTEN.pack() == (LAYOUT_VERSION, b"", b"", b"", "forget")
