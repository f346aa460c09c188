"""Rows of the table `transfers`: what goes from one bucket of users to another one."""

from collections.abc import Sequence
from dataclasses import dataclass

Address = tuple[int, int]
"""The bucket that sent a transfer, and the transfer's number there."""


@dataclass(frozen=True)
class JobRun:
    """A run of the job: the space that it fills, when it was submitted, and its earlier starts.

    `submitted` is in milliseconds since 1970.
    """

    space_id: int
    submitted: int
    attempt: int


@dataclass(frozen=True)
class TransferRows:
    """What a batch writes about transfers of a run of the job.

    - `sent`: address, receiving bucket and content of each transfer to insert.
    - `taken`: transfers that are marked as taken.
    - `dropped`: transfers whose rows are deleted.
    """

    run: JobRun | None = None
    sent: Sequence[tuple[Address, int, bytes]] = ()
    taken: Sequence[Address] = ()
    dropped: Sequence[Address] = ()

    def __len__(self) -> int:
        return len(self.sent) + len(self.taken) + len(self.dropped)
