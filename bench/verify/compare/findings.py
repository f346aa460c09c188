"""What a comparison collects: rows that differ, and the largest deviations."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.verify.compare.report import Deviation

EXAMPLES_EACH = 3
DIFFERENCES = (
    "windows missing",
    "windows not expected",
    "windows with another as_of",
    "windows with another dimension",
    "windows below the least weight",
    "users missing",
    "users not expected",
    "users different",
    "user_items missing",
    "user_items not expected",
    "user_items different",
    "shown_items missing",
    "shown_items not expected",
    "shown_items different",
    "click-through different",
    "items missing",
    "items not expected",
    "items different",
    "items: other representative",
    "items without a vector",
    "neighbors missing",
    "neighbors different",
    "neighbors: other interactions",
    "trends different",
)


@dataclass(frozen=True)
class Tolerance:
    """How far a row may be off, in addition to its own slack (`bench.verify.recompute.Windows`).

    A weight may always be off by its slack, and every component of its vector, as well as the
    angle in radians, by slack / |S|.
    """

    component: float = 2e-3
    """Largest deviation of one component of a unit vector."""
    cosine: float = 0.9999
    """Smallest cosine between stored and expected vector."""
    weight: float = 1e-4
    """Largest relative deviation of a weight or signal."""
    ill_conditioned: float = 0.1
    """Where |S| / weight is smaller, the limits of a vector grow in proportion: making the sum a
    unit vector multiplies its rounding error by weight / |S|."""
    cancelled: float = 1e-4
    """Where |S| / weight is smaller, a row may have any direction, or be missing."""


@dataclass
class Findings:
    """Counts the rows that differ, and keeps the first few as examples."""

    differences: Counter[str] = field(
        default_factory=lambda: Counter(dict.fromkeys(DIFFERENCES, 0))
    )
    examples: list[str] = field(default_factory=list)

    def add(self, difference: str, example: str) -> None:
        """Count one row with a difference; each kind of difference keeps its first examples."""
        self.differences[difference] += 1
        if self.differences[difference] <= EXAMPLES_EACH:
            self.examples.append(f"{difference}: {example}")


class Worst:
    """The row that uses the largest share of its limit in one measure."""

    def __init__(self, measure: str) -> None:
        self._worst = Deviation(measure, 0.0, 0.0, "", 0)
        self._share = -1.0

    def add(
        self,
        keys: list[tuple[str, str]],
        deviation: NDArray[np.float64],
        allowed: NDArray[np.float64],
    ) -> None:
        """Rows with their (user_id, kind), deviation and limit, `(rows,)`; NaN is beyond any."""
        if not keys:
            return
        deviation = np.where(np.isfinite(deviation), deviation, np.inf)
        share = deviation / allowed
        row = int(np.argmax(share))
        beyond = self._worst.rows_beyond + int(np.sum(share > 1))
        worst = self._worst
        if share[row] > self._share:
            self._share = float(share[row])
            where = f"user {keys[row][0]!r}, {keys[row][1]}"
            worst = Deviation(
                worst.measure, float(deviation[row]), float(allowed[row]), where, beyond
            )
        self._worst = Deviation(worst.measure, worst.largest, worst.allowed, worst.where, beyond)

    def deviation(self) -> Deviation:
        """The worst row so far, with the number of rows beyond their limit."""
        return self._worst
