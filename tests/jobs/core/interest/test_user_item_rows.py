"""Rows of user and item: any order of events gives the row of a brute force."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.interest.user_item_rows import UserItemRows, user_item_rows

Event = tuple[str, str, int, int, int, float, bool]
"""user, item, mask, time, key, weight, undoes"""

histories = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob"]),
        st.sampled_from(["east", "north"]),
        st.sampled_from([1, 2, 4, 2**62]),
        st.integers(1000, 1003),
        st.one_of(st.integers(0, 3), st.integers(2**63 - 1, 2**64 - 1)),
        st.sampled_from([0.0, 1.0, 5.0, -3.0]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda event: event[4],
)


def joined(events: list[Event]) -> UserItemRows:
    columns = [list(column) for column in zip(*events, strict=True)] or [[] for _ in range(7)]
    return user_item_rows(
        columns[0],
        columns[1],
        np.array(columns[2], dtype=np.int64),
        np.array(columns[3], dtype=np.int64),
        np.array(columns[4], dtype=np.uint64),
        np.array(columns[5], dtype=np.float64),
        np.array(columns[6], dtype=bool),
    )


def as_dict(rows: UserItemRows) -> dict[tuple[str, str], tuple[object, ...]]:
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for index, pair in enumerate(zip(rows.user_id, rows.item_id, strict=True)):
        assert pair not in found
        signal = float(rows.signal[index])
        newest = (signal, int(rows.signal_ms[index]), int(rows.signal_key[index]))
        found[pair] = (
            int(rows.actions[index]),
            int(rows.first_ms[index]),
            int(rows.last_ms[index]),
            None if math.isnan(signal) else newest,
        )
    return found


def brute_force(events: list[Event]) -> dict[tuple[str, str], tuple[object, ...]]:
    expected: dict[tuple[str, str], tuple[object, ...]] = {}
    for pair in {(user, item) for user, item, *_ in events}:
        mine = [row for row in events if row[:2] == pair]
        actions = 0
        for row in mine:
            actions |= row[2]
        signed = sorted(
            (row for row in mine if row[5] != 0 or row[6]), key=lambda row: (row[3], row[4])
        )
        newest = (signed[-1][5], signed[-1][3], signed[-1][4] - 2**63) if signed else None
        times = [row[3] for row in mine]
        expected[pair] = (actions, min(times), max(times), newest)
    return expected


@settings(max_examples=150)
@given(histories, st.randoms(use_true_random=False))
def test_any_order_gives_the_rows_of_the_brute_force(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert as_dict(joined(shuffled)) == brute_force(events)


def test_a_later_event_without_a_weight_leaves_the_signal():
    rows = joined(
        [("ada", "east", 1, 1000, 7, -3.0, False), ("ada", "east", 2, 2000, 8, 0.0, False)]
    )
    assert as_dict(rows)["ada", "east"] == (3, 1000, 2000, (-3.0, 1000, 7 - 2**63))


def test_an_undo_is_a_signal_of_zero():
    rows = joined([("ada", "east", 2, 2000, 8, 0.0, True), ("ada", "east", 1, 1000, 7, 3.0, False)])
    assert as_dict(rows)["ada", "east"] == (3, 1000, 2000, (0.0, 2000, 8 - 2**63))


def test_a_replacing_event_is_a_signal_of_its_weight_even_without_one():
    good = ("ada", "east", 1, 1000, 7, 4.0, True)
    rows = joined([good, ("ada", "east", 1, 2000, 8, -3.2, True)])
    assert as_dict(rows)["ada", "east"] == (1, 1000, 2000, (-3.2, 2000, 8 - 2**63))
    rows = joined([("ada", "east", 1, 2000, 8, 0.0, True), good])
    assert as_dict(rows)["ada", "east"] == (1, 1000, 2000, (0.0, 2000, 8 - 2**63))


def test_no_events_give_no_rows():
    assert as_dict(joined([])) == {}
