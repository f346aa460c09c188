"""What a bucket of users has sent to others and taken from them, in the state."""

from dataclasses import astuple

from pyflink.common import Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from jobs.core.transfer_rows import Address, JobRun, TransferRows
from jobs.errors import StateSchemaError
from jobs.operators.post import LocalPost, Post
from jobs.operators.postgres_post import PostgresPost
from jobs.operators.settings import OperatorSettings
from jobs.operators.task import read_task
from jobs.operators.transfer import Transfer

SENT = MapStateDescriptor("transfers-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())
TAKEN = MapStateDescriptor("taken-v1", Types.LONG(), Types.PICKLED_BYTE_ARRAY())

_LAST = 0
"""The key of the number of the last transfer; transfers have numbers from 1 on."""


class Transfers:
    """Two map states per bucket.

    - What the bucket has sent and its receiver has not taken, by number; and the last number. A
      bucket without one has nothing to do with merged users, and never looks for transfers.
    - By sender, the number of the last transfer that the bucket has taken.

    The first is empty within a second, or after a few checkpoints in a job of several slots. The
    second has an entry per bucket at most.
    """

    def __init__(self, context: RuntimeContext, settings: OperatorSettings) -> None:
        self._sent = context.get_map_state(SENT)
        self._taken = context.get_map_state(TAKEN)
        self._post = _open_post(context, settings)
        self._last: dict[int, int | None] = {}
        self._on_way: dict[int, int] = {}
        self._last_taken: dict[int, dict[int, int]] = {}

    @property
    def possible(self) -> bool:
        """Whether transfers can reach every bucket."""
        return self._post is not None

    def close(self) -> None:
        """Close the connection to Postgres, if there is one."""
        if isinstance(self._post, PostgresPost):
            self._post.close()

    def looks(self, bucket: int) -> bool:
        """Whether the bucket sends or receives transfers, so that it looks for them."""
        return self._read_last(bucket) is not None

    def wake(self, bucket: int) -> None:
        """Let the bucket look for transfers from now on."""
        if self._read_last(bucket) is None and self.possible:
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
        self._reached().offer(to, (bucket, number), transfer, restored=False)

    def on_way(self, bucket: int) -> int:
        """Number of transfers that the bucket has sent and not dropped yet."""
        self._read_last(bucket)
        return self._on_way[bucket]

    def arrived(self, bucket: int) -> list[tuple[Address, Transfer]]:
        """Transfers to the bucket that it has not taken yet."""
        self._read_last(bucket)
        post, taken = self._reached(), self._read_taken(bucket)
        arrived = []
        for address, transfer in post.offered(bucket):
            if address[1] <= taken.get(address[0], 0):
                post.take(bucket, address)
            else:
                arrived.append((address, transfer))
        return arrived

    def take(self, bucket: int, address: Address) -> None:
        """The bucket has taken a transfer and all before it of the same sender."""
        sender, number = address
        self._read_taken(bucket)[sender] = number
        self._taken.put(sender, number)
        self._reached().take(bucket, address)

    def drop_taken(self, bucket: int) -> bool:
        """Remove what the bucket has sent and was taken; returns whether there was any."""
        numbers = self._reached().pop_taken(bucket)
        for number in numbers:
            self._sent.remove(number)
        self._on_way[bucket] -= len(numbers)
        return bool(numbers)

    def rows(self, bucket: int) -> TransferRows:
        """What the bucket is to write about transfers, each row returned once."""
        return self._reached().rows(bucket)

    def look(self, now_ms: int) -> None:
        """Look for what has come from elsewhere."""
        self._reached().look(now_ms)

    def _reached(self) -> Post:
        if self._post is None:
            raise StateSchemaError(
                "the state has merged users, and a job of several slots hands them over only with"
                " checkpoints.directory: set it, or run the job with batching.parallelism = 1"
            )
        return self._post

    def _read_last(self, bucket: int) -> int | None:
        """The number of the last transfer; after a start, offers again what was not taken."""
        if bucket not in self._last:
            sent = dict(self._sent.items())
            self._last[bucket] = sent.pop(_LAST, None)
            self._on_way[bucket] = len(sent)
            for number, (to, *fields) in sent.items():
                self._reached().offer(to, (bucket, number), Transfer(*fields), restored=True)
        return self._last[bucket]

    def _read_taken(self, bucket: int) -> dict[int, int]:
        if bucket not in self._last_taken:
            self._last_taken[bucket] = dict(self._taken.items())
        return self._last_taken[bucket]


def _open_post(context: RuntimeContext, settings: OperatorSettings) -> Post | None:
    """The post of this subtask; None where transfers cannot reach the others exactly once."""
    task = read_task(context)
    if task.slots == 1:
        return LocalPost()
    directory = settings.config.checkpoints.directory
    if directory is None:
        return None
    identity = settings.identity
    run = JobRun(identity.space_id, identity.epoch, task.attempt)
    return PostgresPost(settings.config.database, run, directory.absolute() / task.job_id)
