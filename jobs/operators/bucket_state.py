"""The counters of a bucket, kept in state so that a restore counts nothing twice."""

from dataclasses import astuple, dataclass, field, replace
from typing import Any

from pyflink.common import Types
from pyflink.datastream.state import ValueState, ValueStateDescriptor

from jobs.core.progress import Progress
from jobs.errors import StateSchemaError

BUCKET_STATE = ValueStateDescriptor("book-v2", Types.PICKLED_BYTE_ARRAY())


@dataclass(frozen=True)
class BucketState:
    """`epoch` owns the rows written, which are those of `space_id`; `timer_ms` is the pending
    timer (0: none); `expiry_ms` the earliest time at which an event has waited too long;
    `layouts` are the descriptions of the layouts that the bucket's users were written in, today's
    last."""

    epoch: int
    events: Progress = field(default_factory=Progress)
    control: Progress = field(default_factory=Progress)
    timer_ms: int = 0
    expiry_ms: int = 0
    layouts: tuple[tuple[Any, ...], ...] = ()
    space_id: int = 0

    def pack(self) -> tuple[Any, ...]:
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
        epoch, events, control, *rest = packed
        return cls(epoch, Progress(*events), Progress(*control), *rest)


def read_bucket_state(
    state: ValueState, epoch: int, space_id: int, layout: tuple[Any, ...] = ()
) -> BucketState:
    """The bucket's book, with today's layout as the last; a bucket without one starts under
    `epoch`. Raises StateSchemaError for the state of another space."""
    packed = state.value()
    book = BucketState(epoch, space_id=space_id) if packed is None else BucketState.unpack(packed)
    if book.space_id != space_id:
        raise StateSchemaError(
            f"the state is that of space {book.space_id}, this job fills space {space_id}: a job"
            " for another space starts without it"
        )
    if not layout or book.layouts[-1:] == (layout,):
        return book
    # A layout that comes back gets a number of its own: entries are brought to the newest.
    return replace(book, layouts=(*book.layouts, layout))
