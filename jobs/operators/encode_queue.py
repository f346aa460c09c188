"""Documents that wait for the encoder, in the state of their bucket of items."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import NamedTuple

from pyflink.common import Types
from pyflink.datastream.functions import RuntimeContext
from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor

QUEUED_DOCUMENTS = MapStateDescriptor(
    "queued-documents-v1", Types.STRING(), Types.PICKLED_BYTE_ARRAY()
)
QUEUE_ENDS = ValueStateDescriptor("queue-ends-v1", Types.PICKLED_BYTE_ARRAY())

PORTION = 16
"""Documents that are passed on at once.

A checkpoint waits until they are encoded, and events wait for the checkpoint meanwhile: 0.1 to
0.2 s on one slow core.
"""


class Document(NamedTuple):
    """A document to encode; `head` is the key of its vector (`item_vectors.vector_head`)."""

    head: bytes
    text: str


@dataclass(frozen=True)
class _Ends:
    """Numbers of the first portion of each lane, and those of the portions that come next."""

    first_changed: int = 0
    next_changed: int = 0
    first_new: int = 0
    next_new: int = 0

    @property
    def empty(self) -> bool:
        return self.first_changed == self.next_changed and self.first_new == self.next_new


class EncodeQueue:
    """A queue for each bucket of items, in portions of `PORTION` documents.

    Documents of items that have a vector already come first, since events wait for them. A portion
    is removed as it is passed on; the queue holds the documents that arrive faster than they are
    encoded, and nothing else bounds it.
    """

    def __init__(self, runtime_context: RuntimeContext) -> None:
        self._portions = runtime_context.get_map_state(QUEUED_DOCUMENTS)
        self._ends = runtime_context.get_state(QUEUE_ENDS)

    @property
    def empty(self) -> bool:
        """Whether no document of the current bucket waits."""
        return self._read().empty

    def portions(self) -> int:
        """Number of portions of the current bucket that wait."""
        ends = self._read()
        return ends.next_changed - ends.first_changed + ends.next_new - ends.first_new

    def add(self, changed: Sequence[Document], new: Sequence[Document]) -> None:
        """Append documents of items with a vector, and those of new items."""
        ends = self._read()
        self._ends.update(
            astuple(
                replace(
                    ends,
                    next_changed=self._append("changed", ends.next_changed, changed),
                    next_new=self._append("new", ends.next_new, new),
                )
            )
        )

    def take(self) -> list[Document]:
        """Remove and return the next portion; empty without any."""
        ends = self._read()
        if ends.first_changed < ends.next_changed:
            key = f"changed/{ends.first_changed}"
            ends = replace(ends, first_changed=ends.first_changed + 1)
        elif ends.first_new < ends.next_new:
            key = f"new/{ends.first_new}"
            ends = replace(ends, first_new=ends.first_new + 1)
        else:
            return []
        portion = [Document(*each) for each in self._portions.get(key)]
        self._portions.remove(key)
        self._ends.update(astuple(ends))
        return portion

    def _append(self, lane: str, number: int, documents: Sequence[Document]) -> int:
        """Append documents to a lane whose next portion is `number`; returns the next number."""
        for start in range(0, len(documents), PORTION):
            self._portions.put(
                f"{lane}/{number}", [tuple(each) for each in documents[start : start + PORTION]]
            )
            number += 1
        return number

    def _read(self) -> _Ends:
        kept: tuple[int, int, int, int] | None = self._ends.value()
        return _Ends() if kept is None else _Ends(*kept)
