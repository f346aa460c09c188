"""Rows of `shown_items` of a batch: when each item was shown to a user."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ShownRows:
    """Impressions, to be merged into `shown_items`; every column is `(impressions,)`.

    `shown_ms` is in epoch milliseconds. A user and an item may occur several times.
    """

    user_id: Sequence[str]
    item_id: Sequence[str]
    shown_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user_id)
