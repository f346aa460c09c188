"""Records of users as bytes, without trailing sums that can be restored from the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.user_state import Layout, Records, UserEntry, sum_words
from jobs.core.kernels.contiguous import contiguous
from jobs.core.kernels.loaded import kernels
from jobs.errors import StateSchemaError


def unpack_records(
    entries: Sequence[UserEntry | None], layout: Layout, version: int = 0
) -> Records:
    """`(users,)` writable records of the entries; an entry without a record gives an empty one.

    `version` is the version of empty records (see `Layout.empty`). Raises StateSchemaError for a
    record whose size does not fit the layout.
    """
    (empty,) = pack_records(layout.empty(1, version))
    kept = [entry.record if entry and entry.record else empty for entry in entries]
    size = layout.dtype.itemsize
    left_out = _sums_left_out(kept, layout)
    # Copy each record once, to where the fold works on it: all records together exceed the cache.
    raw = np.empty(len(kept) * size, dtype=np.uint8)
    buffer = raw.data
    start = 0
    for record in kept:
        buffer[start : start + len(record)] = record
        start += size
    records: Records = raw.view(layout.dtype)
    if (compiled := kernels()) and (found := sum_words(records)):
        all_words, first, dim = found
        weight, as_of = contiguous(records["weight"]), contiguous(records["as_of"])
        compiled.restore_sums(all_words.view(np.uint32), first, dim, weight, as_of, left_out)
        return records
    sums, windows = records["sum"], len(layout.windows)
    for window in range(windows - int(left_out.max(initial=0)), windows):
        without = left_out >= windows - window
        for earlier in range(window):
            same = without & _weighs_the_same(records, window, earlier)
            users = _index_of(same)
            sums[users, window] = sums[users, earlier]
            without &= ~same
        sums[_index_of(without), window] = 0
    return records


def pack_records(records: Records) -> list[bytes]:
    """The bytes of each record `(users,)`, without the trailing sums that can be restored.

    A sum can be restored if its window has no weight, or if it equals, bit for bit, the sum of the
    first window with the same weight at the same time.
    """
    if (compiled := kernels()) and (found := sum_words(records)):
        all_words, first, dim = found
        weight, as_of = contiguous(records["weight"]), contiguous(records["as_of"])
        bits = all_words.view(np.uint32)
        left_out = compiled.sums_left_out(bits, first, dim, weight, as_of)
    else:
        left_out = _restorable(records)
    size, raw = records.dtype.itemsize, records.view(np.uint8).data
    ends = np.arange(1, len(records) + 1) * size - left_out * records.dtype["sum"].shape[1] * 4
    return [
        bytes(raw[start:end])
        for start, end in zip(range(0, len(records) * size, size), ends.tolist(), strict=True)
    ]


def _restorable(records: Records) -> NDArray[np.intp]:
    """`(users,)`: the number of trailing sums of each record that can be restored."""
    sums = records["sum"]
    windows = sums.shape[1]
    left_out = np.zeros(len(records), dtype=np.intp)
    trailing = np.ones(len(records), dtype=bool)
    for window in reversed(range(windows)):
        redundant = trailing & (records["weight"][:, window] == 0)
        undecided = trailing & ~redundant
        for earlier in range(window):
            same = undecided & _weighs_the_same(records, window, earlier)
            users = _index_of(same)
            bits, others = (sums[users, each].view(np.uint32) for each in (window, earlier))
            redundant[users] |= (bits == others).all(axis=1)
            undecided &= ~same
        left_out[redundant] += 1
        trailing = redundant
    return left_out


def _weighs_the_same(records: Records, window: int, earlier: int) -> NDArray[np.bool_]:
    """`(users,)`: whether two windows have the same weight, other than 0, at the same time."""
    weight, as_of = records["weight"], records["as_of"]
    same: NDArray[np.bool_] = (
        (weight[:, window] == weight[:, earlier])
        & (weight[:, window] != 0)
        & (as_of[:, window] == as_of[:, earlier])
    )
    return same


def _index_of(chosen: NDArray[np.bool_]) -> NDArray[np.intp] | slice:
    """An index of the chosen users; a slice, which copies no array, if all are chosen."""
    return slice(None) if chosen.all() else np.flatnonzero(chosen)


def _sums_left_out(kept: Sequence[bytes], layout: Layout) -> NDArray[np.intp]:
    """`(users,)`: the number of sums that each record leaves out.

    Raises StateSchemaError for a record whose size does not fit the layout.
    """
    size, sum_bytes = layout.dtype.itemsize, layout.dtype["sum"].base.itemsize * layout.dim
    lengths = np.array([len(record) for record in kept], dtype=np.intp)
    left_out, remainder = np.divmod(size - lengths, sum_bytes)
    wrong = (remainder != 0) | (left_out < 0) | (left_out > len(layout.windows))
    if wrong.any():
        raise StateSchemaError(
            f"the state of a user has {lengths[wrong][0]} bytes, this job's layout {size}, less"
            f" {sum_bytes} for each of up to {len(layout.windows)} sums that are left out"
        )
    return left_out
