"""The counters of a bucket, kept in state so that a restore counts nothing twice."""

from dataclasses import astuple, dataclass, field
from typing import Any

from pyflink.common import Types
from pyflink.datastream.state import ValueState, ValueStateDescriptor

from jobs.core.progress import Progress

BOOK = ValueStateDescriptor("book-v1", Types.PICKLED_BYTE_ARRAY())


@dataclass(frozen=True)
class Book:
    """``epoch`` owns the rows written; ``timer_ms`` is the pending check of waiting events (0:
    none); ``expiry_ms`` the earliest time at which one has waited too long."""

    epoch: int
    events: Progress = field(default_factory=Progress)
    control: Progress = field(default_factory=Progress)
    timer_ms: int = 0
    expiry_ms: int = 0

    def pack(self) -> tuple[Any, ...]:
        return (
            self.epoch,
            astuple(self.events),
            astuple(self.control),
            self.timer_ms,
            self.expiry_ms,
        )

    @classmethod
    def unpack(cls, packed: tuple[Any, ...]) -> "Book":
        epoch, events, control, timer_ms, expiry_ms = packed
        return cls(epoch, Progress(*events), Progress(*control), timer_ms, expiry_ms)


def read_book(state: ValueState, epoch: int) -> Book:
    """The bucket's book; a bucket without one starts under ``epoch``."""
    packed = state.value()
    return Book(epoch) if packed is None else Book.unpack(packed)
