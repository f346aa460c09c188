"""What users did, as columns, and where it is read from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import reference

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Interactions:
    """Positive interactions by user and, of a user, by time; `(interactions,)` each.

    - `user`: number of the user, ascending.
    - `item`: row of `item_ids`.
    - `time_ms`: epoch milliseconds; `weight`: above 0.
    - `item_ids`, `texts` `(items, text_dim)` float16: the catalogue, with unit vectors.
    - `user_ids`: by number.
    """

    user: Ints
    item: Ints
    time_ms: NDArray[np.int64]
    weight: Floats
    item_ids: Sequence[str]
    texts: NDArray[np.float16]
    user_ids: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.user)

    @cached_property
    def references(self) -> NDArray[np.uint64]:
        """`(items,)`: the references of the items."""
        return np.array([reference(item) for item in self.item_ids], dtype=np.uint64)

    @cached_property
    def starts(self) -> Ints:
        """`(users + 1,)`: where each user's interactions begin, and the end of the last one's."""
        users = int(self.user[-1]) + 1 if len(self.user) else 0
        return np.searchsorted(self.user, np.arange(users + 1))

    def until(self, time_ms: int) -> "Interactions":
        """Those before `time_ms`."""
        early = self.time_ms < time_ms
        return Interactions(
            self.user[early],
            self.item[early],
            self.time_ms[early],
            self.weight[early],
            self.item_ids,
            self.texts,
            self.user_ids,
        )


def ordered(
    user: Ints,
    item: Ints,
    time_ms: NDArray[np.int64],
    weight: Floats,
    item_ids: Sequence[str],
    texts: NDArray[np.float16],
    user_ids: Sequence[str] = (),
) -> Interactions:
    """Interactions in any order, put in order; those of one moment stay as they come."""
    order = np.lexsort((np.arange(len(user)), time_ms, user))
    return Interactions(
        user[order], item[order], time_ms[order], weight[order], item_ids, texts, user_ids
    )
