"""Passes batches from one step to the next in the same process without copying them.

This is the Claim Check pattern. A batch of users has a megabyte of vectors, and an edge of Flink
holds 320 kB: a pickled batch would go through the buffers in pieces while both steps wait. Two
steps that are joined by a forward edge share a slot, so they are nearly always threads of one
process. The batch then stays in a store, and a claim check goes through Flink, which keeps the
order and the position of every checkpoint barrier. If the receiver's store is absent or full, the
batch itself is sent, and Flink's own back pressure applies.

A claim check cannot be redeemed in another process, so it must never be part of a checkpoint. Only
unaligned checkpoints hold records in flight, and the job switches them off.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from jobs.errors import LostBatchError

Batch = TypeVar("Batch")

MAX_BYTES = 64 << 20
"""Largest total size of the batches in a store; a batch beyond it goes through Flink."""

_STORES: dict[Hashable, "BatchStore"] = {}  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """Identifies a batch in its store; it can be redeemed once."""

    number: int


class BatchStore(Generic[Batch]):
    """Holds the batches for one receiver, whose sender finds the store by `name`."""

    def __init__(self, name: Hashable) -> None:
        self._name = name
        self._lock = Lock()
        self._waiting: dict[int, tuple[Batch, int]] = {}
        self._bytes = 0
        self._next = 0
        _STORES[name] = self

    def close(self) -> None:
        """Accept no more batches."""
        if _STORES.get(self._name) is self:
            del _STORES[self._name]

    def put(self, batch: Batch, size: int) -> Batch | ClaimCheck:
        """A claim check for the batch of `size` bytes, or the batch itself if the store is full.

        An empty store accepts a batch of any size.
        """
        with self._lock:
            if self._waiting and self._bytes + size > MAX_BYTES:
                return batch
            claim_check = ClaimCheck(self._next)
            self._next += 1
            self._waiting[claim_check.number] = batch, size
            self._bytes += size
            return claim_check

    def take(self, given: Batch | ClaimCheck) -> Batch:
        """The given batch, or the batch of the given claim check.

        Raises LostBatchError for a claim check that this store does not hold: the job then restarts
        from its last checkpoint and computes the batch again.
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
            "a batch's claim check reached a task in another process than the batch; the job"
            " restarts from its last checkpoint, and no event is lost"
        )


def check_in(name: Hashable, batch: Batch, size: int) -> Batch | ClaimCheck:
    """Put `batch` of about `size` bytes into the store `name`.

    Returns what to send to the receiver: a claim check, or the batch itself if the store is absent
    or full.
    """
    store = _STORES.get(name)
    return batch if store is None else store.put(batch, size)
