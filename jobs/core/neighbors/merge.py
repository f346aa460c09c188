"""Merges changes into pages of rows, and keeps the strongest neighbours of each item."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jobs.core.neighbors.pages import ENTRY, PAGE, ROW, Changes, Page

LEAST = 1e-3
"""A weaker neighbour is dropped: what an undo leaves is rounding."""


def merge(
    pages: Mapping[int, Page], changes: Changes, keep: int, half_life_ms: float
) -> dict[int, Page]:
    """The pages with the changes, and at most `keep` neighbours an item.

    `pages` holds every page of the changed items, by number, and none else.
    """
    pages = {
        number: page.renewed(changes.time_ms, half_life_ms)
        for number, page in sorted(pages.items())
    }
    growth = np.zeros(max(pages) + 1)
    since_ms = np.array([changes.time_ms - page.base_ms for page in pages.values()])
    growth[list(pages)] = np.exp2(since_ms / half_life_ms)
    gained = (changes.strength * growth[changes.row // PAGE]).astype(np.float32)
    liked = changes.count * growth[changes.liked // PAGE]
    old_rows = np.concatenate([page.rows for page in pages.values()])
    old_entries = np.concatenate([page.entries for page in pages.values()])

    known = np.zeros((max(pages) + 1) * PAGE, dtype=bool)
    for codes in (old_rows["code"], changes.row, changes.liked):
        known[codes] = True
    codes = np.flatnonzero(known)
    place = np.zeros(len(known), dtype=np.int32)
    place[codes] = np.arange(len(codes), dtype=np.int32)
    rows = np.zeros(len(codes), dtype=ROW)
    rows["code"] = codes
    old_at, changed_at, liked_at = (
        place[column] for column in (old_rows["code"], changes.row, changes.liked)
    )
    for name in ("count", "unwritten"):
        rows[name][old_at] = old_rows[name]
    rows["count"] += np.bincount(liked_at, liked, len(codes))
    np.maximum(rows["count"], 0, out=rows["count"])
    rows["unwritten"] += np.bincount(changed_at, np.abs(gained), len(codes))
    # A row whose interactions alone have changed is written, too, and not at once.
    rows["unwritten"] += LEAST * np.bincount(liked_at, np.abs(liked), len(codes))

    summed = _summed(
        np.concatenate([np.repeat(old_at, old_rows["size"]), changed_at]),
        np.concatenate([old_entries["code"], changes.neighbor]),
        np.concatenate([old_entries["strength"], gained]),
        len(codes),
    )
    sizes = np.diff(summed.indptr)
    kept = summed.data > np.repeat(LEAST * growth[codes // PAGE], sizes).astype(np.float32)
    for at in np.flatnonzero(sizes > keep).tolist():
        start, end = summed.indptr[at : at + 2]
        beyond = end - start - keep
        kept[start + np.argpartition(summed.data[start:end], beyond)[:beyond]] = False
    entries = np.empty(int(kept.sum()), dtype=ENTRY)
    entries["code"] = summed.indices[kept]
    entries["strength"] = summed.data[kept]
    rows["size"] = np.diff(np.concatenate([[0], np.cumsum(kept)])[summed.indptr])

    first = np.searchsorted(codes, np.array(list(pages)) * PAGE).tolist()
    begin = np.concatenate([[0], np.cumsum(rows["size"])])
    return {
        number: replace(page, rows=rows[start:end], entries=entries[begin[start] : begin[end]])
        for (number, page), start, end in zip(
            pages.items(), first, [*first[1:], len(codes)], strict=True
        )
    }


def _summed(
    row: NDArray[np.int32],
    neighbor: NDArray[np.int32],
    strength: NDArray[np.float32],
    rows: int,
) -> csr_matrix:
    """The sums of the strengths, row by row; sorting them in numpy takes three times as long."""
    width = int(neighbor.max(initial=0)) + 1
    summed = csr_matrix((strength, (row, neighbor)), shape=(rows, width))
    summed.sum_duplicates()
    return summed
