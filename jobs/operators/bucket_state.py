"""The state of a bucket: its counters, kept in Flink so that a restore counts no record twice."""

from dataclasses import astuple, dataclass, field, replace
from typing import Any

from pyflink.common import Types
from pyflink.datastream.state import ValueState, ValueStateDescriptor

from jobs.core.progress import Progress
from jobs.errors import StateSchemaError

BUCKET_STATE = ValueStateDescriptor("book-v2", Types.PICKLED_BYTE_ARRAY())


@dataclass(frozen=True)
class BucketState:
    """Counters and bookkeeping of a bucket; times are in epoch milliseconds.

    - `epoch`: the fencing token of the bucket's rows.
    - `events`, `control`: counters by stream.
    - `timer_ms`: time of the pending timer, 0 without one.
    - `expiry_ms`: time at which the first waiting event may expire, 0 without one.
    - `layouts`: layouts in which records of the bucket's users were written, the current one last.
    - `space_id`: the space whose rows the bucket writes.
    """

    epoch: int
    events: Progress = field(default_factory=Progress)
    control: Progress = field(default_factory=Progress)
    timer_ms: int = 0
    expiry_ms: int = 0
    layouts: tuple[tuple[Any, ...], ...] = ()
    space_id: int = 0

    def pack(self) -> tuple[Any, ...]:
        """The plain tuple that the state holds; its order never changes."""
        return (
            self.epoch,
            astuple(self.events),
            astuple(self.control),
            self.timer_ms,
            self.expiry_ms,
            self.layouts,
            self.space_id,
        )

    @classmethod
    def unpack(cls, packed: tuple[Any, ...]) -> "BucketState":
        """The bucket state that `pack` has packed; fields missing at the end get their defaults."""
        epoch, events, control, *rest = packed
        return cls(epoch, Progress(*events), Progress(*control), *rest)


def read_bucket_state(
    state: ValueState, epoch: int, space_id: int, layout: tuple[Any, ...] = ()
) -> BucketState:
    """The bucket's state, with the current `layout` as the last of its layouts.

    A bucket without state begins with `epoch`. Raises StateSchemaError for the state of another
    space.
    """
    packed = state.value()
    bucket = BucketState(epoch, space_id=space_id) if packed is None else BucketState.unpack(packed)
    if bucket.space_id != space_id:
        raise StateSchemaError(
            f"the state belongs to space {bucket.space_id}, and this job fills space {space_id}:"
            " start the job without this state"
        )
    if not layout or bucket.layouts[-1:] == (layout,):
        return bucket
    # A layout that was used before is added again: entries are migrated to the last number only.
    return replace(bucket, layouts=(*bucket.layouts, layout))
