"""The state of a user: its record, its ids, and its migration to another layout."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.interest.event_ids import known_ids, make_ids
from jobs.core.interest.packed_records import pack_records, unpack_records
from jobs.core.interest.state_migration import migrate_entry
from jobs.core.interest.user_state import NEVER, Layout, Records, UserEntry, make_entry
from jobs.errors import StateSchemaError
from tests.jobs.core.kernels.arithmetic import arithmetic  # noqa: F401

LAYOUT = Layout(dim=4, windows=("day", "month", "dislikes"), last_n=5)


def some_record(version: int) -> bytes:
    record = LAYOUT.empty(1)
    record["version"] = version
    return record.tobytes()


def ids_of(*pairs: tuple[int, int]) -> bytes:
    return b"".join(make_ids(np.array([key], dtype=np.uint64), m).tobytes() for key, m in pairs)


def test_an_entry_comes_back_from_the_plain_tuple_that_the_state_holds():
    entry = UserEntry(some_record(3), ids_of((1, 5)), b"texts", b"log", layout=2)
    packed = tuple(entry)
    assert packed == (entry.record, entry.ids, b"texts", b"log", 2)
    assert type(make_entry(packed)) is UserEntry
    assert make_entry(packed) == entry


def test_records_of_another_shape_are_refused_instead_of_misread():
    # A larger record, which could otherwise be read as several smaller ones.
    other = Layout(4, ("day", "month", "dislikes"), last_n=64).empty(1).tobytes()
    with pytest.raises(StateSchemaError, match=f"bytes.*{LAYOUT.dtype.itemsize}"):
        unpack_records([None, UserEntry(other)], LAYOUT)


def test_users_without_a_record_start_empty_and_above_any_version_they_had():
    records = unpack_records([None, UserEntry(b""), UserEntry(some_record(7))], LAYOUT, version=50)
    assert records["version"].tolist() == [50, 50, 7]
    assert records["last_ms"].tolist() == [NEVER, NEVER, NEVER]
    assert (records["as_of"] == NEVER).all()
    assert (records["ring_weight"] == 0).all()


def test_records_that_were_read_can_be_written_to_without_touching_the_state():
    entry = UserEntry(some_record(7))
    unpack_records([entry], LAYOUT)["version"] += 1
    assert entry.record == some_record(7)


def test_no_users_have_no_records():
    assert len(unpack_records([], LAYOUT)) == 0


@pytest.mark.parametrize(("windows", "bytes_each"), [(4, 7_200), (1, 1_600)])
def test_a_record_has_the_documented_size(windows, bytes_each):
    last_n = 32 if windows == 4 else 0
    names = tuple(map(str, range(windows)))
    size = Layout(dim=384, windows=names, last_n=last_n).dtype.itemsize
    assert size == pytest.approx(bytes_each, rel=0.03)


def records_of(*users: Sequence[tuple[int, int]], dim: int = 4) -> tuple[Layout, Records]:
    """A record per user, whose windows have the given (weight, number that makes the sum)."""
    layout = Layout(dim, tuple(map(str, range(len(users[0])))), 2)
    records = layout.empty(len(users), 7)
    for record, windows in zip(records, users, strict=True):
        for index, (weight, number) in enumerate(windows):
            record["weight"][index] = weight
            record["as_of"][index] = 100 * weight
            record["sum"][index] = number / 7 * np.arange(1, dim + 1) if weight else 0
    return layout, records


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2)), min_size=4, max_size=4),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([1, 3, 4]),
)
def test_sums_that_are_left_out_are_restored(users, dim):
    layout, records = records_of(*users, dim=dim)
    entries = [UserEntry(record) for record in pack_records(records)]
    assert unpack_records(entries, layout).tobytes() == records.tobytes()


@pytest.mark.parametrize(
    ("windows", "kept"),
    [
        ([(1, 5), (2, 6), (1, 7), (3, 8)], 4),
        ([(1, 5), (2, 6), (0, 0), (3, 8)], 4),
        ([(1, 5), (2, 6), (3, 8), (2, 6)], 3),
        ([(1, 5), (2, 6), (0, 0), (2, 6)], 2),
        ([(1, 5), (1, 5), (0, 0), (1, 5)], 1),
        # The last sum has the weight of the first window, and equals another one.
        ([(1, 5), (1, 6), (0, 0), (1, 6)], 4),
        ([(0, 0), (0, 0), (0, 0), (0, 0)], 0),
    ],
)
def test_trailing_sums_that_can_be_restored_are_left_out(windows, kept):
    layout, records = records_of(windows)
    (record,) = pack_records(records)
    assert len(record) == layout.dtype.itemsize - (4 - kept) * 4 * 4


def test_sums_that_differ_in_one_bit_are_not_left_out():
    records = LAYOUT.empty(1)
    records["weight"], records["as_of"] = 1, 1
    records["sum"][0, 2, 2] = -0.0
    (kept,) = pack_records(records)
    back = unpack_records([UserEntry(kept)], LAYOUT)
    assert np.signbit(back["sum"][0]).tolist() == np.signbit(records["sum"][0]).tolist()
    assert len(kept) == LAYOUT.dtype.itemsize


def test_a_record_with_all_sums_can_be_unpacked():
    whole = full_record()
    assert unpack_records([UserEntry(whole.tobytes())], LAYOUT).tobytes() == whole.tobytes()


def test_a_record_that_is_too_short_is_refused():
    short = LAYOUT.empty(1).tobytes()[: -4 * 4 * 3 - 16]
    with pytest.raises(StateSchemaError, match=f"{len(short)} bytes"):
        unpack_records([UserEntry(short)], LAYOUT)
    with pytest.raises(StateSchemaError, match="bytes"):
        unpack_records([UserEntry(LAYOUT.empty(1).tobytes()[:-1])], LAYOUT)


@pytest.mark.parametrize(
    ("oldest_minute", "left"), [(0, [1, 2, 3]), (5, [1, 2, 3]), (6, [2, 3]), (8, [3]), (10, [])]
)
def test_ids_expire_by_the_minute_of_their_arrival(oldest_minute, left):
    found = known_ids([UserEntry(b"", ids_of((1, 5), (2, 7), (3, 9)))], oldest_minute)
    assert (found.key.tolist(), found.size.tolist()) == (left, [len(left)])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), max_size=5)
        ),
        max_size=6,
    ),
    st.integers(0, 10),
)
def test_each_user_has_only_their_own_ids(users, oldest_minute):
    entries = [None if ids is None else UserEntry(b"", ids_of(*ids)) for ids in users]
    found = known_ids(entries, oldest_minute)
    kept = [[pair for pair in ids or () if pair[1] >= oldest_minute] for ids in users]
    assert found.key.tolist() == [key for ids in kept for key, _ in ids]
    assert found.size.tolist() == [len(ids) for ids in kept]
    assert found.raw == [ids_of(*ids) for ids in kept]


def full_record(layout: Layout = LAYOUT) -> Records:
    """A record in which every number identifies its field and window."""
    record = layout.empty(1)
    record["version"], record["events"], record["last_ms"] = 70, 7, 700
    for index, name in enumerate(layout.windows):
        tag = 1 + LAYOUT.windows.index(name)
        record["as_of"][0, index] = 100 * tag
        record["weight"][0, index] = 10.0 * tag
        record["unwritten"][0, index] = 0.5 * tag
        record["sum"][0, index] = np.arange(layout.dim) + tag
    for rank in range(layout.last_n):
        record["ring_ms"][0, rank] = 1000 - rank
        record["ring_key"][0, rank] = 2**64 - 1 - rank
        record["ring_ref"][0, rank] = 50 + rank
        record["ring_weight"][0, rank] = (-1.0) ** rank * (rank + 1)
        record["ring_mark"][0, rank] = rank == 2
    return record


def migrated(new: Layout) -> Records:
    entry = UserEntry(full_record().tobytes(), b"ids", b"texts", b"log", layout=0)
    after = migrate_entry(entry, LAYOUT, new, 3)
    # A new window never counted earlier events, so their undo must not subtract from it.
    undo_log = b"log" if set(new.windows) <= set(LAYOUT.windows) else b""
    assert (after.ids, after.texts, after.undo_log, after.layout) == (b"ids", b"texts", undo_log, 3)
    return unpack_records([after], new)


@pytest.mark.parametrize("windows", [("dislikes", "day"), ("month", "day", "dislikes"), ("day",)])
def test_windows_are_matched_by_name(windows):
    new = Layout(4, windows, 5)
    after, expected = migrated(new), full_record(new)
    for name in ("version", "events", "last_ms", "as_of", "weight", "sum", "ring_ms"):
        assert after[name].tobytes() == expected[name].tobytes(), name
    assert after["unwritten"][0, :-1].tolist() == expected["unwritten"][0, :-1].tolist()


def test_a_new_window_begins_empty():
    after = migrated(Layout(4, ("topics", "day"), 5))
    assert after["as_of"][0].tolist() == [NEVER, 100]
    assert after["weight"][0].tolist() == [0.0, 10.0]
    assert after["sum"][0, 0].tolist() == [0.0] * 4


@pytest.mark.parametrize("last_n", [0, 2, 5, 8])
def test_the_newest_of_the_last_interactions_are_kept(last_n):
    after, before = migrated(Layout(4, ("day",), last_n)), full_record()
    for name in ("ring_ms", "ring_key", "ring_ref", "ring_weight", "ring_mark"):
        kept = before[name][0, :last_n].tolist()
        assert after[name][0].tolist() == kept + [0] * (last_n - len(kept)), name


def test_a_migrated_user_is_due_to_be_written():
    assert migrated(Layout(4, ("day",), 5))["unwritten"][0, -1] >= 1.0


def test_an_entry_without_a_record_gets_only_the_number():
    after = migrate_entry(UserEntry(b"", b"ids"), LAYOUT, Layout(4, (), 0), 3)
    assert after == UserEntry(b"", b"ids", layout=3)


def test_another_dimension_is_refused_with_both_numbers():
    with pytest.raises(StateSchemaError, match=r"4 dimensions.*has\s8"):
        migrate_entry(UserEntry(b""), LAYOUT, Layout(8, LAYOUT.windows, 5), 1)


def test_a_layout_can_be_made_of_its_plain_values():
    def plain(value: object) -> bool:
        return type(value) in {int, str} or (type(value) is tuple and all(map(plain, value)))

    assert plain(LAYOUT.as_tuple())
    assert Layout(*LAYOUT.as_tuple()) == LAYOUT
