"""Hands batches from a step to the next one in the same process without copying them.

A batch of users is a megabyte of vectors, and an edge of Flink holds 320 kB: pickled, it goes
through the buffers piece by piece while both steps wait. Two steps that are joined by a forward
edge share a slot, so they are threads of one process nearly always. Then a ticket goes through
Flink, which keeps the order and the place of every checkpoint barrier, and the batch stays where it
is. A receiver that is not there, or is behind, gets the batch itself: Flink's own back pressure.

A ticket means nothing in another process: it must never be part of a checkpoint. Only unaligned
checkpoints hold what is under way; the job switches them off.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from jobs.errors import LostBatchError

Batch = TypeVar("Batch")

MOST_BYTES = 64 << 20
"""Of all batches that lie at a desk; what would exceed it goes through Flink."""

_DESKS: dict[Hashable, "Desk"] = {}  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Ticket:
    """Stands for a batch of its desk; worth it once."""

    number: int


class Desk(Generic[Batch]):
    """Where a receiver takes batches from; ``name`` is known to its sender alone."""

    def __init__(self, name: Hashable) -> None:
        self._name = name
        self._lock = Lock()
        self._waiting: dict[int, tuple[Batch, int]] = {}
        self._bytes = 0
        self._next = 0
        _DESKS[name] = self

    def close(self) -> None:
        """Take no more batches."""
        if _DESKS.get(self._name) is self:
            del _DESKS[self._name]

    def put(self, batch: Batch, size: int) -> Batch | Ticket:
        """A ticket for the batch of ``size`` bytes, or the batch itself where too much waits."""
        with self._lock:
            if self._waiting and self._bytes + size > MOST_BYTES:
                return batch
            ticket = Ticket(self._next)
            self._next += 1
            self._waiting[ticket.number] = batch, size
            self._bytes += size
            return ticket

    def take(self, given: Batch | Ticket) -> Batch:
        """The batch that was given, or that the ticket stands for.

        Raises LostBatchError for a ticket of another desk: the job computes the batch again from
        its last checkpoint.
        """
        if not isinstance(given, Ticket):
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


def hand_over(name: Hashable, batch: Batch, size: int) -> Batch | Ticket:
    """What to send for ``batch``, of about ``size`` bytes, to the receiver at this desk."""
    desk = _DESKS.get(name)
    return batch if desk is None else desk.put(batch, size)
