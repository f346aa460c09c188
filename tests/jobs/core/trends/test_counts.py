"""Counting interactions by slice and item, against a Counter."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.trends.counts import (
    TrendCounts,
    count_interactions,
    from_elements,
    merge,
    pack,
    to_elements,
    unpack,
)

EVENTS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(["a", "b", "é,0", "日本 | x", "000000001"])),
        st.integers(-5_000_000_000, 1_800_000_000_000),
        st.sampled_from([-3.0, 0.0, 0.5, 1.0, 1 / 3, 5.0]),
    ),
    max_size=40,
)


def counted(events: list[tuple[str | None, int, float]], slice_ms: int = 10_000) -> TrendCounts:
    items, times, weights = zip(*events, strict=True) if events else ((), (), ())
    return count_interactions(
        items, np.array(times, dtype=np.int64), np.array(weights, dtype=np.float64), slice_ms
    )


def as_dict(counts: TrendCounts) -> dict[tuple[int, str], tuple[int, int]]:
    keys = zip(counts.slice_ms.tolist(), counts.item_id, strict=True)
    sums = zip(counts.count.tolist(), counts.weight.tolist(), strict=True)
    found = dict(zip(keys, sums, strict=True))
    assert len(found) == len(counts), "an entry occurs twice"
    return found


@given(EVENTS)
def test_an_event_of_positive_weight_is_counted_once_in_its_slice(events):
    number: Counter[tuple[int, str]] = Counter()
    weights: Counter[tuple[int, str]] = Counter()
    for item, time_ms, weight in events:
        if item is not None and weight > 0:
            key = (time_ms - time_ms % 10_000, item)
            number[key] += 1
            weights[key] += round(weight * 1000)
    assert as_dict(counted(events)) == {key: (number[key], weights[key]) for key in number}


@given(EVENTS)
def test_packing_and_elements_keep_every_count(events):
    counts = counted(events)
    assert as_dict(unpack(pack(counts))) == as_dict(counts)
    assert as_dict(from_elements(to_elements(counts))) == as_dict(counts)


@given(EVENTS, EVENTS)
def test_batches_merge_to_what_one_batch_would_have_counted(one, other):
    assert as_dict(merge([counted(one), counted(other)])) == as_dict(counted(one + other))


@given(EVENTS, st.integers(-1_000, 180_000_000))
def test_counts_before_the_oldest_slice_lose_their_item_and_keep_their_number(events, tenth):
    oldest_ms = tenth * 10_000
    counts = counted(events)
    merged = as_dict(merge([counts], oldest_ms))
    recent = {key: sums for key, sums in as_dict(counts).items() if key[0] >= oldest_ms}
    assert {key: sums for key, sums in merged.items() if key[1]} == recent
    assert sum(count for count, _ in merged.values()) == counts.count.sum()


@given(EVENTS, st.integers(-1_000, 180_000_000))
def test_counts_before_the_oldest_slice_may_keep_their_item_in_longer_slices(events, tenth):
    oldest_ms = tenth * 10_000
    merged = as_dict(merge([counted(events)], oldest_ms, 60_000))
    old = [event for event in events if event[1] // 10_000 * 10_000 < oldest_ms]
    recent = [event for event in events if event[1] // 10_000 * 10_000 >= oldest_ms]
    expected = as_dict(merge([counted(old, 60_000), counted(recent)]))
    assert merged == expected


def test_a_weight_above_the_limit_is_cut():
    (weight,) = counted([("a", 0, 1e300)]).weight.tolist()
    assert weight == pytest.approx(1e9)
