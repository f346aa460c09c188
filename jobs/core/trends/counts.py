"""Counts of interactions by item and slice of event time: the input of trends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HEAD_CHARS = 24
"""Characters of an element before its slice: nine for the count, fifteen for the weight."""
_SLICE_CHARS = 16
"""Characters of an element's slice, sign included."""
MAX_WEIGHT = 1e6
"""A larger weight of an event is cut to this, so that sums stay within fifteen digits."""


@dataclass(frozen=True)
class TrendCounts:
    """Counts with one entry per slice and item; every column is `(entries,)`.

    `slice_ms` is the slice's start in epoch milliseconds. `weight` is in whole thousandths, so that
    sums do not depend on the order of addition.
    """

    item_id: list[str]
    slice_ms: NDArray[np.int64]
    count: NDArray[np.int64]
    weight: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.item_id)

    @classmethod
    def of(cls, sums: dict[tuple[int, str], tuple[int, int]]) -> "TrendCounts":
        """The counts of a mapping `(slice, item) -> (count, weight)`."""
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
    """Count the events that name an item and have a positive weight.

    `item_id`, `time_ms` (epoch milliseconds) and `weight` are `(events,)`; `slice_ms` is the length
    of a slice.

    >>> times, weights = np.array([999, 1000, 1500]), np.array([1.0, 3.0, -3.0])
    >>> found = count_interactions(["a", "a", "b"], times, weights, 1000)
    >>> list(zip(found.item_id, found.slice_ms.tolist(), found.weight.tolist()))
    [('a', 0, 1000), ('a', 1000, 3000)]
    """
    chosen = np.flatnonzero(weight > 0)
    starts = (time_ms[chosen] // slice_ms * slice_ms).tolist()
    weights = np.rint(np.minimum(weight[chosen], MAX_WEIGHT) * 1000).astype(np.int64).tolist()
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for index, start, thousandths in zip(chosen.tolist(), starts, weights, strict=True):
        item = item_id[index]
        if item is not None:
            count, total = sums.get((start, item), (0, 0))
            sums[start, item] = (count + 1, total + thousandths)
    return TrendCounts.of(sums)


def merge(
    parts: Iterable[TrendCounts], oldest_ms: int | None = None, old_slice_ms: int | None = None
) -> TrendCounts:
    """The sum of all parts.

    Slices before `oldest_ms` become slices of the length `old_slice_ms`. Where that is None they
    become one entry with an empty item id, so that the total number of interactions stays the same.
    """
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for part in parts:
        rows = zip(
            part.slice_ms.tolist(),
            part.item_id,
            part.count.tolist(),
            part.weight.tolist(),
            strict=True,
        )
        for start, item, added_count, added_weight in rows:
            key = start, item
            if oldest_ms is not None and start < oldest_ms:
                key = oldest_ms - 1, ""
                if old_slice_ms is not None:
                    key = start // old_slice_ms * old_slice_ms, item
            count, weight = sums.get(key, (0, 0))
            sums[key] = (count + added_count, weight + added_weight)
    return TrendCounts.of(sums)


def pack(counts: TrendCounts) -> bytes:
    """The counts as bytes: number of entries, columns, and item ids separated by nulls.

    No id may hold a null character.

    >>> counts = count_interactions(["a"], np.array([7]), np.array([2.0]), 5)
    >>> unpack(pack(counts)) == counts
    True
    """
    columns = np.concatenate([[len(counts)], counts.slice_ms, counts.count, counts.weight])
    return columns.astype("<i8").tobytes() + "\0".join(counts.item_id).encode()


def unpack(packed: bytes) -> TrendCounts:
    """The counts that `pack` has packed."""
    size = int.from_bytes(packed[:8], "little")
    columns = np.frombuffer(packed, dtype="<i8", count=3 * size, offset=8).reshape(3, size)
    items = packed[8 * (3 * size + 1) :].decode().split("\0") if size else []
    return TrendCounts(items, *columns.astype(np.int64))


def to_elements(counts: TrendCounts) -> list[bytes]:
    """Entries as ASCII bytes that SQL splits by position: count, weight, slice, then the item id.

    The item id is UTF-8.

    >>> to_elements(count_interactions(["a"], np.array([7]), np.array([2.0]), 5))
    [b'000000001000000000002000+000000000000005a']
    """
    return [
        f"{count:09d}{weight:015d}{start:+0{_SLICE_CHARS}d}{item}".encode()
        for item, start, count, weight in zip(
            counts.item_id,
            counts.slice_ms.tolist(),
            counts.count.tolist(),
            counts.weight.tolist(),
            strict=True,
        )
    ]


def from_elements(elements: Sequence[bytes]) -> TrendCounts:
    """The counts of elements as `to_elements` writes them, after SQL has added some of them up."""
    end = _HEAD_CHARS + _SLICE_CHARS
    return TrendCounts(
        [element[end:].decode() for element in elements],
        np.array([int(element[_HEAD_CHARS:end]) for element in elements], dtype=np.int64),
        np.array([int(element[:9]) for element in elements], dtype=np.int64),
        np.array([int(element[9:_HEAD_CHARS]) for element in elements], dtype=np.int64),
    )
