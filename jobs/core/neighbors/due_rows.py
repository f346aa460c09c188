"""Which rows of a page are written now, and what they say."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jobs.core.neighbors.pages import Page

SHARE = 0.1
"""A row is written at once if its strengths have changed by this share since it was written."""


def due_rows(page: Page, *, all_changed: bool = False) -> NDArray[np.intp]:
    """Indices of the rows that are due: those that moved, or all that changed."""
    rows = page.rows
    if all_changed:
        return np.flatnonzero(rows["unwritten"] > 0)
    starts = np.concatenate([[0], np.cumsum(rows["size"])])
    totals = np.diff(
        np.concatenate([[0.0], np.cumsum(page.entries["strength"], dtype=np.float64)])[starts]
    )
    return np.flatnonzero((rows["unwritten"] > 0) & (rows["unwritten"] >= SHARE * totals))


def without_due(page: Page, due: NDArray[np.intp]) -> Page:
    """The page after the rows at the indices `due` were written."""
    rows = page.rows.copy()
    rows["unwritten"][due] = 0
    return replace(page, rows=rows)


def row_values(
    page: Page, due: NDArray[np.intp], serve: int, half_life_ms: float
) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.float32], float]]:
    """Of each row at the indices `due`: its item, its strongest neighbours, their strengths in
    falling order, and its interactions; items are codes, and sums as of the page's newest time."""
    scale = 2.0 ** ((page.base_ms - page.as_of_ms) / half_life_ms)
    ends = np.cumsum(page.rows["size"])
    for at in due.tolist():
        row = page.rows[at]
        entries = page.entries[ends[at] - row["size"] : ends[at]]
        # Of equal strengths the item that the bucket has met first comes first.
        order = np.lexsort((entries["code"], -entries["strength"]))[:serve]
        strengths = (entries["strength"][order] * scale).astype(np.float32)
        yield int(row["code"]), entries["code"][order], strengths, float(row["count"]) * scale
