"""Merging changes into pages equals adding up in dictionaries."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.neighbors.due_rows import due_rows, row_values, without_due
from jobs.core.neighbors.merge import merge
from jobs.core.neighbors.pages import PAGE, Changes, Page, joined_changes

HALF_LIFE_MS = 1_000.0
CODES = st.sampled_from([0, 1, 5, PAGE - 1, PAGE, PAGE + 7, 5 * PAGE])
Change = tuple[int, int, int, int]
"""(row, neighbor, strength, time_ms)."""


def changes_of(batch: list[Change]) -> Changes:
    parts = [
        Changes(
            at_ms,
            np.array([row], dtype=np.int32),
            np.array([neighbor], dtype=np.int32),
            np.array([strength], dtype=np.float32),
            np.array([row], dtype=np.int32),
            np.ones(1, dtype=np.float32),
        )
        for row, neighbor, strength, at_ms in batch
    ]
    return joined_changes(parts, HALF_LIFE_MS)


def merged(batches: list[list[Change]], keep: int = 100) -> dict[int, Page]:
    pages: dict[int, Page] = {}
    for batch in batches:
        changes = Changes.unpack(changes_of(batch).pack())
        touched = {
            number: pages.get(number, Page.empty(changes.time_ms)) for number in changes.pages
        }
        pages |= merge(touched, changes, keep, HALF_LIFE_MS)
        pages = {number: Page.unpack(page.pack()) for number, page in pages.items()}
    return pages


def rows_of(pages: dict[int, Page], at_ms: int) -> dict[int, tuple[dict[int, float], float]]:
    """Strengths by neighbour, and interactions, of each row, as of a time."""
    found = {}
    for page in pages.values():
        decay = 2.0 ** ((page.as_of_ms - at_ms) / HALF_LIFE_MS)
        everything = np.arange(len(page.rows))
        for row, codes, strengths, count in row_values(page, everything, 100, HALF_LIFE_MS):
            assert strengths.tolist() == sorted(strengths.tolist(), reverse=True)
            by = dict(zip(codes.tolist(), (strengths * decay).tolist(), strict=True))
            found[row] = by, count * decay
    return found


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(CODES, CODES, st.integers(1, 9), st.integers(0, 40_000)),
            min_size=1,
            max_size=12,
        ),
        max_size=6,
    )
)
def test_pages_hold_the_decayed_sums_of_all_changes(batches):
    at_ms = max((change[3] for batch in batches for change in batch), default=0)
    strengths: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    counts: dict[int, float] = defaultdict(float)
    for batch in batches:
        for row, neighbor, strength, time_ms in batch:
            decay = 2.0 ** ((time_ms - at_ms) / HALF_LIFE_MS)
            strengths[row][neighbor] += strength * decay
            counts[row] += decay
    found = rows_of(merged(batches), at_ms)
    assert found.keys() == strengths.keys()
    for row, (by, count) in found.items():
        assert count == pytest.approx(counts[row], rel=1e-4, abs=1e-9)
        for neighbor, strength in strengths[row].items():
            # What has decayed below the least strength may be gone, at each merge anew.
            gone = 1.1e-3 * len(batches)
            assert by.get(neighbor, 0.0) == pytest.approx(strength, rel=1e-4, abs=gone)


def test_the_weakest_neighbours_are_dropped():
    batch = [(0, neighbor, neighbor, 0) for neighbor in range(1, 9)]
    pages = merged([batch], keep=3)
    assert rows_of(pages, 0)[0][0] == pytest.approx({8: 8.0, 7: 7.0, 6: 6.0})


def test_a_row_is_due_when_a_tenth_of_it_has_changed():
    (page,) = merged([[(0, 1, 9, 0), (0, 2, 9, 0), (3, 1, 1, 0)]]).values()
    assert due_rows(page).tolist() == [0, 1]
    page = without_due(page, due_rows(page))
    small = changes_of([(0, 1, 1, 0), (3, 1, 1, 0)])
    page = merge({0: page}, small, 100, HALF_LIFE_MS)[0]
    assert due_rows(page).tolist() == [1]
    assert due_rows(page, all_changed=True).tolist() == [0, 1]
