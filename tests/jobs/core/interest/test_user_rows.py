"""Rows of `user_windows`: which are written, which are deleted, and from which vectors."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from jobs.core.event_key import reference, text_reference
from jobs.core.interest.rank_windows import recent_weights, session_weights
from jobs.core.interest.user_rows import (
    FAINT,
    WindowRows,
    last_vectors,
    merged,
    rank_rows,
    sum_rows,
    user_interests,
)
from jobs.core.interest.user_state import InteractionColumns, Layout, Records, interaction_columns
from tests.builders import EAST, INWARD, NOON_MS, NORTH, SLANT, catalogue_of, half
from tests.jobs.core.kernels.arithmetic import arithmetic  # noqa: F401

LAYOUT = Layout(dim=4, windows=("day", "month"), last_n=3)
NO_TEXTS = np.empty(0, dtype=LAYOUT.text_dtype)
WEST = tuple(-x for x in EAST)


def record(*refs: int) -> Records:
    """One user whose last interactions, newest first, point to `refs`."""
    records = LAYOUT.empty(1)
    for rank, ref in enumerate(refs):
        records["ring_ms"][0, rank] = NOON_MS - rank
        records["ring_ref"][0, rank] = ref
        records["ring_weight"][0, rank] = 1.0
    return records


def weights_of(ring: InteractionColumns) -> dict[str, NDArray[np.float32]]:
    return {"recent": recent_weights(ring, 3.0), "session": session_weights(ring, 1000)}


def rank_rows_of(
    records: Records, items: Mapping[str, tuple[float, ...]], **is_written: list[bool]
) -> dict[str, WindowRows]:
    all_users = np.ones(len(records), dtype=bool)
    rows = rank_rows(
        weights_of(records),
        {kind: np.array(is_written.get(kind, all_users)) for kind in ("recent", "session")},
        np.arange(len(records)),
        records["ring_ms"][:, 0],
        last_vectors(records, catalogue_of(dict(items)), NO_TEXTS),
    )
    return {part.kind: part for part in rows}


def test_a_user_without_interactions_has_neither_row():
    rows = rank_rows_of(LAYOUT.empty(1), {"a": EAST})
    assert {kind: (part.user.tolist(), part.deleted.tolist()) for kind, part in rows.items()} == {
        "recent": ([], [0]),
        "session": ([], [0]),
    }


def test_vectors_that_cancel_give_no_row():
    # `recent` weighs the newest interaction most, `session` weighs both alike.
    rows = rank_rows_of(record(reference("a"), reference("b")), {"a": EAST, "b": WEST})
    assert rows["recent"].vector.tolist() == [list(EAST)]
    assert rows["recent"].weight.tolist() == pytest.approx([1 + 2 ** (-1 / 3)])
    assert (rows["session"].user.tolist(), rows["session"].deleted.tolist()) == ([], [0])


def test_each_kind_has_rows_of_the_users_that_it_is_written_for():
    records = np.concatenate([record(reference("a")), record(reference("b"), reference("a"))])
    items = {"a": EAST, "b": NORTH}
    rows = rank_rows_of(records, items, recent=[True, False], session=[False, True])
    everything = rank_rows_of(records, items)
    for kind, user in (("recent", 0), ("session", 1)):
        assert rows[kind].user.tolist() == [user]
        assert rows[kind].vector.tolist() == everything[kind].vector[[user]].tolist()
        assert rows[kind].weight.tolist() == everything[kind].weight[[user]].tolist()
    assert rank_rows_of(records, items, session=[False, False]).keys() == {"recent"}
    assert rank_rows_of(records, items, recent=[False, False], session=[False, False]) == {}


def test_rows_refer_to_users_by_their_index_in_the_batch():
    records = np.concatenate([LAYOUT.empty(3), record(reference("a")), LAYOUT.empty(1)])
    users = np.array([1, 3])
    ring = interaction_columns(records, users)
    last = last_vectors(ring, catalogue_of({"a": EAST}), NO_TEXTS)
    is_written = {kind: np.array([True, True]) for kind in ("recent", "session")}
    for part in rank_rows(weights_of(ring), is_written, users, ring["ring_ms"][:, 0], last):
        assert (part.user.tolist(), part.deleted.tolist()) == ([3], [1])
        assert part.as_of.tolist() == [NOON_MS]


def summed(weight: float, total: tuple[float, ...]) -> WindowRows:
    records = LAYOUT.empty(2)
    records["weight"][1, 1] = weight
    records["sum"][1, 1] = total
    records["as_of"][1, 1] = NOON_MS
    return sum_rows(records, np.array([1]), "month", 1)


def test_a_half_life_row_has_its_weight_its_time_and_a_unit_vector():
    rows = summed(3.5, (1.5, 2.0, 0.0, 0.0))
    assert (rows.kind, rows.user.tolist(), rows.deleted.tolist()) == ("month", [1], [])
    assert (rows.as_of.tolist(), rows.weight.tolist()) == ([NOON_MS], [3.5])
    np.testing.assert_array_equal(rows.vector, half([SLANT]))


@pytest.mark.parametrize(
    ("weight", "total", "has_row"),
    [
        (3.0, (0.0, 0.0, 0.0, 0.0), False),
        (FAINT, (1.0, 0.0, 0.0, 0.0), True),
        (FAINT * 0.999, (1.0, 0.0, 0.0, 0.0), False),
        (0.0, (0.0, 0.0, 0.0, 0.0), False),
    ],
)
def test_a_window_of_tiny_weight_or_without_a_direction_has_no_row(weight, total, has_row):
    rows = summed(weight, total)
    assert (rows.user.tolist(), rows.deleted.tolist()) == (([1], []) if has_row else ([], [1]))


def test_the_least_weight_of_a_row_is_that_of_the_contract():
    assert FAINT == 0.0001


def test_rows_of_parts_are_the_rows_of_the_whole():
    one, other = summed(3.0, EAST), summed(0.0, EAST)
    both = merged([one, other])
    assert (both.kind, both.user.tolist(), both.deleted.tolist()) == ("month", [1], [1])
    assert both.vector.tolist() == [list(EAST)]


def test_an_unknown_item_has_no_row_of_vectors():
    last = last_vectors(record(reference("unknown")), catalogue_of({"a": EAST}), NO_TEXTS)
    assert last.row.tolist() == [[-1, -1, -1]]


def test_items_and_texts_are_found_by_their_references():
    texts = np.array([(text_reference("hat"), half(INWARD))], dtype=LAYOUT.text_dtype)
    records = record(text_reference("hat"), reference("b"), reference("a"))
    last = last_vectors(records, catalogue_of({"a": EAST, "b": NORTH}), texts)
    np.testing.assert_array_equal(last.vectors.take(last.row[0]), np.array([INWARD, NORTH, EAST]))


def test_the_reference_of_an_empty_slot_is_not_looked_up():
    records = record(reference("a"))
    records["ring_weight"] = 0.0
    last = last_vectors(records, catalogue_of({"a": EAST}), NO_TEXTS)
    assert last.row.tolist() == [[-1, -1, -1]]


def test_an_undone_interaction_is_in_no_row_and_no_interest():
    records = record(reference("b"), reference("a"))
    records["ring_weight"][0, 0] = -1.0
    items = {"a": EAST, "b": NORTH}
    for part in rank_rows_of(records, items).values():
        assert part.vector.tolist() == [list(EAST)]
        # The undone interaction keeps its rank and its time.
        assert part.as_of.tolist() == [NOON_MS]
    assert rank_rows_of(records, items)["recent"].weight.tolist() == pytest.approx([2 ** (-1 / 3)])
    last = last_vectors(records, catalogue_of(dict(items)), NO_TEXTS)
    found = user_interests(records, last, half_life_events=12, cosine=0.35, max_interests=2)
    assert (found.medoid.tolist(), found.share.tolist()) == ([[1, -1]], [[1.0, 0.0]])
