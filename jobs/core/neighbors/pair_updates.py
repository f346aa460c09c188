"""Changes of strengths and interactions, on their way from users' sequences to items."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PairUpdates:
    """Pairs of items, and interactions with items; items are rows of the catalogue.

    - `newer`, `older`, `strength`, `pair_ms` `(pairs,)`: the pair's strength from the older item to
      the newer one, negative where it is taken back, and the time of the newer interaction.
    - `liked`, `count`, `liked_ms` `(interactions,)`: an interaction with an item counts 1, or -1
      where it is taken back.

    Times are in epoch milliseconds.
    """

    newer: NDArray[np.intp]
    older: NDArray[np.intp]
    strength: NDArray[np.float64]
    pair_ms: NDArray[np.int64]
    liked: NDArray[np.intp]
    count: NDArray[np.float64]
    liked_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.newer) + len(self.liked)

    @classmethod
    def none(cls) -> "PairUpdates":
        """No changes."""
        items, numbers = np.empty(0, np.intp), np.empty(0)
        times = np.empty(0, np.int64)
        return cls(items, items, numbers, times, items, numbers, times)


def joined_updates(parts: Sequence[PairUpdates]) -> PairUpdates:
    """All changes of the parts."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return PairUpdates.none()
    if len(parts) == 1:
        return parts[0]
    return PairUpdates(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(parts[0]))
    )
