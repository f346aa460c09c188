"""Weighted events as plain tuples, and hypothesis strategies over them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.contributions import Contributions
from jobs.core.interest.vectors import Vectors
from tests.builders import DAY_MS, MINUTE_MS, NOON_MS, unit_rows

VECTORS = unit_rows(6, 8, seed=1)


class Weighed(NamedTuple):
    """A weighted event; `row` is the row of its vector, and stands for its item.

    `multiplicity` is 0 for what was taken back before it came, -1 for what is taken back now;
    `about` says whether it speaks of liking, of engagement, or of both.
    """

    user: int
    time_ms: int
    key: int
    weight: float
    row: int
    multiplicity: float = 1.0
    about: str = "both"

    @property
    def likes(self) -> bool:
        return self.about != "engagement"

    @property
    def engages(self) -> bool:
        return self.about != "liking" and self.weight > 0


def contributions(
    events: Sequence[Weighed], vectors: NDArray[np.float32] = VECTORS
) -> Contributions:
    """The last two of `vectors` stand for texts: sums do not care whose vectors they are of."""
    return Contributions(
        user=np.array([event.user for event in events], dtype=np.intp),
        time_ms=np.array([event.time_ms for event in events], dtype=np.int64),
        key=np.array([event.key for event in events], dtype=np.uint64),
        weight=np.array([event.weight for event in events], dtype=np.float64),
        multiplicity=np.array([event.multiplicity for event in events], dtype=np.float64),
        row=np.array([event.row for event in events], dtype=np.intp),
        ref=np.array([event.row + 1000 for event in events], dtype=np.uint64),
        is_text=np.zeros(len(events), dtype=bool),
        likes=np.array([event.likes for event in events], dtype=bool),
        engages=np.array([event.engages for event in events], dtype=bool),
        vectors=Vectors(vectors[:-2], vectors[-2:]),
    )


def weighed_events(users: int, *, max_size: int = 30) -> st.SearchStrategy[list[Weighed]]:
    """Events with distinct keys, many of them at the same time."""
    times = st.one_of(
        st.sampled_from([NOON_MS, NOON_MS + 1, NOON_MS - 30 * MINUTE_MS]),
        st.integers(NOON_MS - 90 * DAY_MS, NOON_MS),
    )
    weights = st.sampled_from([0.5, 1.0, 2.0, 3.0, 5.0, -0.5, -3.0])
    return st.lists(
        st.builds(
            Weighed,
            st.integers(0, users - 1),
            times,
            st.integers(0, 2**64 - 1),
            weights,
            st.integers(0, len(VECTORS) - 1),
            st.sampled_from([1.0, 1.0, 1.0, 0.0]),
            st.sampled_from(["both", "both", "liking", "engagement"]),
        ),
        max_size=max_size,
        unique_by=lambda event: event.key,
    )


def cut(events: Sequence[Weighed], places: Sequence[int]) -> list[list[Weighed]]:
    """The events in batches, cut at `places` (taken modulo their number)."""
    ends = sorted({place % (len(events) + 1) for place in places} | {len(events)})
    return [list(events[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def with_regrets(events: Sequence[Weighed], chosen: Sequence[int]) -> list[Weighed]:
    """The events, and anywhere after each of the `chosen` ones that counts, its taking back."""
    told = list(events)
    for place in sorted({place % len(events) for place in chosen} if events else ()):
        if events[place].multiplicity == 1.0:
            told.append(events[place]._replace(multiplicity=-1.0))
    return told
