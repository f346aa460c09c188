"""The last interactions of users whose rows are written, as a sequence model reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.user_rows import LastVectors
from jobs.core.interest.user_state import InteractionColumns
from jobs.core.neighbors.marks import is_text


@dataclass(frozen=True)
class Histories:
    """Interactions with items, newest first; `(users, last_n)` each.

    - `row`: row of the catalogue; -1 for a text, for an item without a vector, for what was undone,
      and beyond the last interaction.
    - `time_ms`: epoch milliseconds; `weight`: above 0 where there is a row.
    """

    row: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    weight: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.row)


def histories(ring: InteractionColumns, last: LastVectors) -> Histories:
    """Those of the ring buffers `ring`, whose vectors are `last`."""
    item = (last.row >= 0) & ~is_text(ring["ring_mark"]) & (ring["ring_weight"] > 0)
    return Histories(np.where(item, last.row, -1), ring["ring_ms"], ring["ring_weight"])


def joined_histories(parts: Sequence[Histories]) -> Histories:
    """Several, one after another."""
    return Histories(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.time_ms for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )
