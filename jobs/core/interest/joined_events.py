"""Accepted events joined with their vectors: the input of the fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class JoinedEvents:
    """Accepted events with their vectors, one entry per event; all arrays are `(events,)`.

    - `user`: index into the users to fold.
    - `time_ms` (epoch milliseconds) and `key`: the order of a user's events.
    - `weight`: signed, negative for dislikes.
    - `row`: the item's row in the catalogue, or -1; `ref`: the item's reference.
    - `text_row`: the text's row of `text_vectors` `(texts, dim)` float16, or -1; `text_ref`: the
      text's reference.
    - `comment`: whether a text of the event's action is a comment; any other text is a query.
    - `engagement`: the action's unsigned weight, with which a comment counts toward topics.
    - `undo_bit`: bit of the event's action if it can be undone or replaced, bit of the action that
      the event undoes, or NOT_UNDOABLE.
    - `undoes`: whether the event undoes earlier ones with its `undo_bit`; one with a weight of its
      own replaces them.

    An event without a vector is counted, but moves no window.
    """

    user: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    key: NDArray[np.uint64]
    weight: NDArray[np.float64]
    row: NDArray[np.intp]
    ref: NDArray[np.uint64]
    text_row: NDArray[np.intp]
    text_ref: NDArray[np.uint64]
    comment: NDArray[np.bool_]
    engagement: NDArray[np.float64]
    undo_bit: NDArray[np.uint8]
    undoes: NDArray[np.bool_]
    text_vectors: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.user)

    def of_users(self, order: NDArray[np.intp], first: int) -> "JoinedEvents":
        """The events at the indices `order`, with `first` subtracted from their users."""
        columns = {
            name: getattr(self, name)[order]
            for name in self.__dataclass_fields__
            if name not in {"user", "text_vectors"}
        }
        return JoinedEvents(
            user=self.user[order] - first, text_vectors=self.text_vectors, **columns
        )
