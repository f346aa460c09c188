"""Brings transfers from one bucket to another one of the same subtask."""

from collections import defaultdict
from typing import Protocol

from jobs.core.transfer_rows import Address, TransferRows
from jobs.operators.transfer import Transfer


class Post(Protocol):
    """Transfers on their way; the states of sender and receiver have them, too.

    A transfer is in the sender's state until no restore can go back behind its having been taken.
    """

    def offer(self, to: int, address: Address, transfer: Transfer, *, restored: bool) -> None:
        """Offer a transfer to the bucket `to`; `restored` says that a checkpoint had it."""

    def offered(self, to: int) -> list[tuple[Address, Transfer]]:
        """Transfers to the bucket `to`; those of one sender are in the order of their numbers."""

    def take(self, to: int, address: Address) -> None:
        """The bucket `to` has taken a transfer."""

    def pop_taken(self, sender: int) -> list[int]:
        """Numbers of the sender's transfers that may leave its state, each returned once."""

    def rows(self, bucket: int) -> TransferRows:
        """What the bucket is to write about transfers, each row returned once."""

    def look(self, now_ms: int) -> None:
        """Look for what has come from elsewhere."""


class LocalPost:
    """The post of a job of one slot, in memory.

    Sender and receiver are buckets of one subtask, so no checkpoint lies between sending and
    taking: what was offered or taken behind the checkpoint is so again after a restore.
    """

    def __init__(self) -> None:
        self._offered: dict[int, dict[Address, Transfer]] = defaultdict(dict)
        self._taken: dict[int, list[int]] = defaultdict(list)

    def offer(self, to: int, address: Address, transfer: Transfer, *, restored: bool) -> None:
        """Offer a transfer to the bucket `to`."""
        self._offered[to][address] = transfer

    def offered(self, to: int) -> list[tuple[Address, Transfer]]:
        """Transfers to the bucket `to`; those of one sender are in the order of their numbers."""
        return sorted(self._offered[to].items(), key=lambda one: one[0])

    def take(self, to: int, address: Address) -> None:
        """The bucket `to` has taken a transfer, which may leave the sender's state at once."""
        del self._offered[to][address]
        sender, number = address
        self._taken[sender].append(number)

    def pop_taken(self, sender: int) -> list[int]:
        """Numbers of the sender's transfers that were taken since the last call."""
        return self._taken.pop(sender, [])

    def rows(self, bucket: int) -> TransferRows:
        """Nothing: Postgres is not needed."""
        return TransferRows()

    def look(self, now_ms: int) -> None:
        """Nothing comes from elsewhere."""
