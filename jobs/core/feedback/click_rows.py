"""Rows of `click_counts`: impressions and clicks by what the impressions say of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.feedback.contexts import Cell


@dataclass(frozen=True)
class ClickRows:
    """Counts of a bucket since its state began; every column is `(cells,)`.

    With `complete` they are all of the bucket, so that other rows of it are deleted.
    """

    cells: Sequence[Cell]
    impressions: NDArray[np.int64]
    clicks: NDArray[np.int64]
    complete: bool


def click_rows(counts: Mapping[Cell, tuple[int, int]], complete: bool) -> ClickRows:
    """The rows of counts (impressions, clicks) by cell, in the order of the cells."""
    cells = sorted(counts)
    return ClickRows(
        cells,
        np.array([counts[cell][0] for cell in cells], dtype=np.int64),
        np.array([counts[cell][1] for cell in cells], dtype=np.int64),
        complete,
    )
