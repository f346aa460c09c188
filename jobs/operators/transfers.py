"""Transfers: what a bucket of users hands to another one when a user was merged."""

from collections import defaultdict
from dataclasses import astuple, dataclass, replace
from typing import Any

from pyflink.common import Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

SENT = MapStateDescriptor("transfers-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())
TAKEN = MapStateDescriptor("taken-v1", Types.LONG(), Types.LONG())

STATE, EVENTS, COMMAND, FORGET_PART = 0, 1, 2, 3
"""Kinds of transfers: the state of a user who was merged, later events, a later command, and the
order to forget a user who was merged into one who is forgotten."""

_LAST = 0
"""The key of the number of the last transfer; transfers have numbers from 1 on."""


@dataclass(frozen=True)
class Transfer:
    """What becomes `user_id`'s; the order of the fields is that of the tuples in the state.

    - `via`: the ids that it had before, the first one first.
    - `payload`: of STATE the fields of `MovedState`, of EVENTS those of each `WaitingEvent`, of
      COMMAND the command.
    """

    kind: int
    user_id: str
    via: tuple[str, ...]
    payload: tuple[Any, ...] = ()

    def on_to(self, user_id: str) -> "Transfer":
        """The transfer to the user whom its user was merged into."""
        return replace(self, user_id=user_id, via=(*self.via, self.user_id))


Address = tuple[int, int]
"""The bucket that sent a transfer, and the transfer's number there."""


class Post:
    """Transfers on their way within one subtask, by the bucket that they go to.

    They are in the sender's state until their receiver has taken them. Both are of one subtask, so
    no checkpoint has one without the other: what was offered or taken after it is so again.
    """

    def __init__(self) -> None:
        self._offered: dict[int, dict[Address, Transfer]] = defaultdict(dict)
        self._taken: dict[int, list[int]] = defaultdict(list)

    def offer(self, to: int, address: Address, transfer: Transfer) -> None:
        """Offer a transfer to the bucket `to`."""
        self._offered[to][address] = transfer

    def offered(self, to: int) -> list[tuple[Address, Transfer]]:
        """Transfers to the bucket `to`; those of one sender are in the order of their numbers."""
        return sorted(self._offered[to].items(), key=lambda one: one[0])

    def take(self, to: int, address: Address) -> None:
        """The bucket `to` has taken a transfer."""
        del self._offered[to][address]
        sender, number = address
        self._taken[sender].append(number)

    def pop_taken(self, sender: int) -> list[int]:
        """Numbers of the sender's transfers that were taken since the last call."""
        return self._taken.pop(sender, [])


class Transfers:
    """Two map states per bucket.

    - What the bucket has sent and its receiver has not taken, by number; and the last number. A
      bucket without one has nothing to do with merged users, and never looks for transfers.
    - By sender, the number of the last transfer that the bucket has taken.

    The first is empty within a second, the second has an entry per bucket at most.
    """

    def __init__(self, context: RuntimeContext) -> None:
        self._sent = context.get_map_state(SENT)
        self._taken = context.get_map_state(TAKEN)
        self._post = Post()
        self._last: dict[int, int | None] = {}
        self._on_way: dict[int, int] = {}
        self._last_taken: dict[int, dict[int, int]] = {}

    def looks(self, bucket: int) -> bool:
        """Whether the bucket sends or receives transfers, so that it looks for them."""
        return self._read_last(bucket) is not None

    def wake(self, bucket: int) -> None:
        """Let the bucket look for transfers from now on."""
        if self._read_last(bucket) is None:
            self._last[bucket] = 0
            self._sent.put(_LAST, 0)

    def send(self, bucket: int, to: int, transfer: Transfer) -> None:
        """Hand a transfer from `bucket` to the bucket `to`, which may be the same."""
        self.wake(bucket)
        number = (self._last[bucket] or 0) + 1
        self._last[bucket] = number
        self._sent.put(_LAST, number)
        self._sent.put(number, (to, *astuple(transfer)))
        self._on_way[bucket] += 1
        self._post.offer(to, (bucket, number), transfer)

    def on_way(self, bucket: int) -> int:
        """Number of transfers that the bucket has sent and not dropped yet."""
        self._read_last(bucket)
        return self._on_way[bucket]

    def arrived(self, bucket: int) -> list[tuple[Address, Transfer]]:
        """Transfers to the bucket that it has not taken yet."""
        self._read_last(bucket)
        taken = self._read_taken(bucket)
        arrived = []
        for address, transfer in self._post.offered(bucket):
            if address[1] <= taken.get(address[0], 0):
                self._post.take(bucket, address)
            else:
                arrived.append((address, transfer))
        return arrived

    def take(self, bucket: int, address: Address) -> None:
        """The bucket has taken a transfer and all before it of the same sender."""
        sender, number = address
        self._read_taken(bucket)[sender] = number
        self._taken.put(sender, number)
        self._post.take(bucket, address)

    def drop_taken(self, bucket: int) -> bool:
        """Remove what the bucket has sent and was taken; returns whether there was any."""
        numbers = self._post.pop_taken(bucket)
        for number in numbers:
            self._sent.remove(number)
        self._on_way[bucket] -= len(numbers)
        return bool(numbers)

    def _read_last(self, bucket: int) -> int | None:
        """The number of the last transfer; after a start, offers again what was not taken."""
        if bucket not in self._last:
            sent = dict(self._sent.items())
            self._last[bucket] = sent.pop(_LAST, None)
            self._on_way[bucket] = len(sent)
            for number, (to, *fields) in sent.items():
                self._post.offer(to, (bucket, number), Transfer(*fields))
        return self._last[bucket]

    def _read_taken(self, bucket: int) -> dict[int, int]:
        if bucket not in self._last_taken:
            self._last_taken[bucket] = dict(self._taken.items())
        return self._last_taken[bucket]
