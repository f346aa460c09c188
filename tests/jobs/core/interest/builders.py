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
    """A weighted event; `row` is the row of its vector, and also identifies its item.

    `multiplicity` is 1, 0 for an event that was undone early, or -1 for one that is undone now.
    `counts_toward` is "likes", "topics" or "both".
    """

    user: int
    time_ms: int
    key: int
    weight: float
    row: int
    multiplicity: float = 1.0
    counts_toward: str = "both"

    @property
    def likes(self) -> bool:
        return self.counts_toward != "topics"

    @property
    def engages(self) -> bool:
        return self.counts_toward != "likes" and self.weight > 0


def contributions(
    events: Sequence[Weighed], vectors: NDArray[np.float32] = VECTORS
) -> Contributions:
    """Contributions of the events; the last two of `vectors` are those of texts."""
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
        position=np.arange(len(events)),
        undone_at=np.arange(len(events)),
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
            st.sampled_from(["both", "both", "likes", "topics"]),
        ),
        max_size=max_size,
        unique_by=lambda event: event.key,
    )


def in_batches(events: Sequence[Weighed], cuts: Sequence[int]) -> list[list[Weighed]]:
    """The events in batches, cut before the indices `cuts` (taken modulo their number)."""
    ends = sorted({cut % (len(events) + 1) for cut in cuts} | {len(events)})
    return [list(events[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def with_undos(events: Sequence[Weighed], undone: Sequence[int]) -> list[Weighed]:
    """The events, followed by an undo of each event at the indices `undone` (taken modulo)."""
    undos = [events[index] for index in sorted({n % len(events) for n in undone} if events else ())]
    return [
        *events,
        *(event._replace(multiplicity=-1.0) for event in undos if event.multiplicity == 1.0),
    ]
