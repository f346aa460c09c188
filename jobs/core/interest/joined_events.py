"""Accepted events with their vectors at hand: the input of the fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class JoinedEvents:
    """Accepted events with their vectors, one entry per event; all arrays are `(events,)`.

    - `user`: index into the users to fold; `time_ms` and `key`: the order of a user's events.
    - `weight`: signed, below 0 for what the user dislikes.
    - `row`: the item's row in the catalogue, or -1; `ref`: the item's reference.
    - `text_row`: row of `text_vectors` `(texts, dim)` float16, or -1; `text_ref`: the text's
      reference.
    - `comment`: True where the text is a comment, False where it is a query.
    - `engagement`: the action's unsigned weight, which a comment gives to topics whatever its
      sentiment.
    - `undo_bit`: the bit of an action that can be undone, or that the event `undoes`, or
      NOT_UNDOABLE.

    An event without a vector counts, but moves no window.
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
        """The events at `order`, with users numbered from `first` on."""
        columns = {
            name: getattr(self, name)[order]
            for name in self.__dataclass_fields__
            if name not in {"user", "text_vectors"}
        }
        return JoinedEvents(
            user=self.user[order] - first, text_vectors=self.text_vectors, **columns
        )
