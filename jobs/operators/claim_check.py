"""Hands batches from a step to the next one in the same process without copying them.

This is the Claim Check pattern. A batch of users is a megabyte of vectors, and an edge of Flink
holds 320 kB: pickled, a batch would go through the buffers piece by piece while both steps wait.
Two steps that are joined by a forward edge share a slot, so they are nearly always threads of one
process. The batch then stays in a store, and a claim check goes through Flink, which keeps the
order and the position of every checkpoint barrier. Where the receiver is absent or behind, the
batch itself is sent, and Flink's own back pressure applies.

A claim check means nothing in another process, so it must never be part of a checkpoint. Only
unaligned checkpoints hold what is under way; the job switches them off.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from jobs.errors import LostBatchError

Batch = TypeVar("Batch")

MOST_BYTES = 64 << 20
"""Of all batches in a store; a batch that would exceed it goes through Flink."""

_STORES: dict[Hashable, "BatchStore"] = {}  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """Stands for a batch in its store; it can be redeemed once."""

    number: int


class BatchStore(Generic[Batch]):
    """Holds batches for one receiver; only its sender knows `name`."""

    def __init__(self, name: Hashable) -> None:
        self._name = name
        self._lock = Lock()
        self._waiting: dict[int, tuple[Batch, int]] = {}
        self._bytes = 0
        self._next = 0
        _STORES[name] = self

    def close(self) -> None:
        """Take no more batches."""
        if _STORES.get(self._name) is self:
            del _STORES[self._name]

    def put(self, batch: Batch, size: int) -> Batch | ClaimCheck:
        """A claim check for the batch of `size` bytes, or the batch itself if the store is full."""
        with self._lock:
            if self._waiting and self._bytes + size > MOST_BYTES:
                return batch
            claim_check = ClaimCheck(self._next)
            self._next += 1
            self._waiting[claim_check.number] = batch, size
            self._bytes += size
            return claim_check

    def take(self, given: Batch | ClaimCheck) -> Batch:
        """The given batch, or the one that the claim check stands for.

        Raises LostBatchError for a claim check of another store: the job computes the batch again
        from its last checkpoint.
        """
        if not isinstance(given, ClaimCheck):
            return given
        with self._lock:
            found = self._waiting.pop(given.number, None)
            if found is not None:
                batch, size = found
                self._bytes -= size
                return batch
        raise LostBatchError(
            "a batch was handed over to a task that is not in the process it was made in; the job"
            " starts again from its last checkpoint, and nothing is lost"
        )


def check_in(name: Hashable, batch: Batch, size: int) -> Batch | ClaimCheck:
    """What to send for `batch`, of about `size` bytes, to the receiver at this store."""
    store = _STORES.get(name)
    return batch if store is None else store.put(batch, size)
