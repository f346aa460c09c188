"""Interactions counted by item and slice of event time: what trends are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HEAD = 24
"""Characters of an element before its slice: nine of the count, fifteen of the weight."""
MAX_WEIGHT = 1e6
"""No event counts more than this: sums stay within their fifteen digits."""
_SLICE = 16
"""Characters of an element's slice, sign included."""


@dataclass(frozen=True)
class TrendCounts:
    """One entry per slice and item; a slice is named by its start in epoch milliseconds.

    Weights are whole thousandths, so that their sum is the same in any order.
    """

    item_id: list[str]
    slice_ms: NDArray[np.int64]
    count: NDArray[np.int64]
    weight: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.item_id)

    @classmethod
    def of(cls, sums: dict[tuple[int, str], tuple[int, int]]) -> "TrendCounts":
        """From `(slice, item) -> (count, weight)`."""
        return cls(
            [item for _, item in sums],
            np.array([start for start, _ in sums], dtype=np.int64),
            np.array([count for count, _ in sums.values()], dtype=np.int64),
            np.array([weight for _, weight in sums.values()], dtype=np.int64),
        )


def count_interactions(
    item_id: Sequence[str | None],
    time_ms: NDArray[np.int64],
    weight: NDArray[np.float64],
    slice_ms: int,
) -> TrendCounts:
    """Count the events that name an item and say that it is liked (`weight > 0`).

    >>> times, weights = np.array([999, 1000, 1500]), np.array([1.0, 3.0, -3.0])
    >>> found = count_interactions(["a", "a", "b"], times, weights, 1000)
    >>> list(zip(found.item_id, found.slice_ms.tolist(), found.weight.tolist()))
    [('a', 0, 1000), ('a', 1000, 3000)]
    """
    chosen = np.flatnonzero(weight > 0)
    starts = (time_ms[chosen] // slice_ms * slice_ms).tolist()
    weights = np.rint(np.minimum(weight[chosen], MAX_WEIGHT) * 1000).astype(np.int64).tolist()
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for place, start, thousandths in zip(chosen.tolist(), starts, weights, strict=True):
        item = item_id[place]
        if item is not None:
            count, total = sums.get((start, item), (0, 0))
            sums[start, item] = (count + 1, total + thousandths)
    return TrendCounts.of(sums)


def merge(parts: Iterable[TrendCounts], oldest_ms: int | None = None) -> TrendCounts:
    """The sum of all parts; slices before `oldest_ms` become one entry without an item, which
    keeps the number of interactions whole."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for part in parts:
        rows = zip(
            part.slice_ms.tolist(),
            part.item_id,
            part.count.tolist(),
            part.weight.tolist(),
            strict=True,
        )
        for start, item, more, heavier in rows:
            key = start, item
            if oldest_ms is not None and start < oldest_ms:
                key = oldest_ms - 1, ""
            count, weight = sums.get(key, (0, 0))
            sums[key] = (count + more, weight + heavier)
    return TrendCounts.of(sums)


def pack(counts: TrendCounts) -> bytes:
    """One binary value: number of entries, columns, and the ids with nulls between them, which no
    id may hold.

    >>> counts = count_interactions(["a"], np.array([7]), np.array([2.0]), 5)
    >>> unpack(pack(counts)) == counts
    True
    """
    columns = np.concatenate([[len(counts)], counts.slice_ms, counts.count, counts.weight])
    return columns.astype("<i8").tobytes() + "\0".join(counts.item_id).encode()


def unpack(packed: bytes) -> TrendCounts:
    """What `pack` has packed."""
    size = int.from_bytes(packed[:8], "little")
    columns = np.frombuffer(packed, dtype="<i8", count=3 * size, offset=8).reshape(3, size)
    items = packed[8 * (3 * size + 1) :].decode().split("\0") if size else []
    return TrendCounts(items, *columns.astype(np.int64))


def to_elements(counts: TrendCounts) -> list[bytes]:
    """Entries as texts that SQL takes apart by position: count, weight, slice, item.

    >>> to_elements(count_interactions(["a"], np.array([7]), np.array([2.0]), 5))
    [b'000000001000000000002000+000000000000005a']
    """
    return [
        f"{count:09d}{weight:015d}{start:+0{_SLICE}d}{item}".encode()
        for item, start, count, weight in zip(
            counts.item_id,
            counts.slice_ms.tolist(),
            counts.count.tolist(),
            counts.weight.tolist(),
            strict=True,
        )
    ]


def from_elements(elements: Sequence[bytes]) -> TrendCounts:
    """What `to_elements` has written, summed up by SQL in between."""
    end = _HEAD + _SLICE
    return TrendCounts(
        [element[end:].decode() for element in elements],
        np.array([int(element[_HEAD:end]) for element in elements], dtype=np.int64),
        np.array([int(element[:9]) for element in elements], dtype=np.int64),
        np.array([int(element[9:_HEAD]) for element in elements], dtype=np.int64),
    )
