"""Rows of `user_windows`: which there are, and whose vectors stand behind them."""

import numpy as np

from jobs.core.decayed_sums import Window
from jobs.core.event_key import reference, text_reference
from jobs.core.user_rows import last_vectors, window_rows
from jobs.core.user_state import Layout, Records
from tests.builders import EAST, INWARD, NOON_MS, NORTH, catalogue_of, half

LAYOUT = Layout(dim=4, windows=1, last_n=3)
WINDOWS = (Window("day", 86_400_000),)
NO_TEXTS = np.empty(0, dtype=LAYOUT.text_dtype)


def record(*refs: int) -> Records:
    """One user whose last interactions, newest first, point to ``refs``."""
    records = LAYOUT.empty(1)
    for rank, ref in enumerate(refs):
        records["ring_ms"][0, rank] = NOON_MS - rank
        records["ring_ref"][0, rank] = ref
        records["ring_weight"][0, rank] = 1.0
    return records


def kinds_of(records: Records, items: dict[str, tuple[float, ...]]) -> list[int]:
    last = last_vectors(records, catalogue_of(items), NO_TEXTS, 4)
    rows = window_rows(records, last, WINDOWS, recent_half_life_events=3.0, session_gap_ms=1000)
    return [int(kind) for kind in rows.kind]


def test_an_empty_user_has_no_rows():
    assert kinds_of(LAYOUT.empty(1), {"a": EAST}) == []


def test_vectors_that_cancel_give_no_row():
    # recent (kind 0) leans to the newest one; session (kind 1) weighs them alike.
    west = tuple(-x for x in EAST)
    assert kinds_of(record(reference("a"), reference("b")), {"a": EAST, "b": west}) == [0]


def test_a_sum_without_a_direction_gives_no_row():
    records = LAYOUT.empty(1)
    records["weight"] = 3.0
    records["as_of"] = NOON_MS
    assert kinds_of(records, {"a": EAST}) == []


def test_an_item_that_nobody_knows_stands_for_nothing():
    last = last_vectors(record(reference("gone")), catalogue_of({"a": EAST}), NO_TEXTS, 4)
    assert last.index.tolist() == [[0, 0, 0]]
    assert last.vectors[0].tolist() == [0.0] * 4


def test_items_and_texts_are_found_by_their_references():
    texts = np.array([(text_reference("hat"), half(INWARD))], dtype=LAYOUT.text_dtype)
    records = record(text_reference("hat"), reference("b"), reference("a"))
    last = last_vectors(records, catalogue_of({"a": EAST, "b": NORTH}), texts, 4)
    np.testing.assert_array_equal(last.vectors[last.index[0]], np.array([INWARD, NORTH, EAST]))


def test_a_reference_in_an_empty_place_is_not_looked_up():
    records = record(reference("a"))
    records["ring_weight"] = 0.0
    last = last_vectors(records, catalogue_of({"a": EAST}), NO_TEXTS, 4)
    assert last.index.tolist() == [[0, 0, 0]]
