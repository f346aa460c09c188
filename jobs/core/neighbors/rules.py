"""The rules by which interactions make pairs, derived from the configuration."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jobs.config import Interest
from jobs.neighbor_settings import Neighbors

BACKWARD = 0.5
"""Share of a pair's strength with which it counts from the newer item to the older one."""


@dataclass(frozen=True)
class PairRules:
    """Which interactions make pairs.

    - `window`: number of earlier interactions that an interaction makes pairs with.
    - `depth`: an interaction takes part if at most so many of a later time were read before it.
    - `per_user_hour`: number of a user's interactions in an hour of event time that take part.
    - `half_life_ms`: of strengths and interactions, in milliseconds of event time.
    """

    window: int
    depth: int
    per_user_hour: int
    half_life_ms: float

    @classmethod
    def of(cls, neighbors: Neighbors, interest: Interest) -> "PairRules | None":
        """The rules of the configuration, None if the job keeps no neighbours."""
        window = min(neighbors.window, interest.last_n)
        if not neighbors.enabled or not window:
            return None
        return cls(
            window,
            interest.last_n - window,
            neighbors.per_user_hour,
            neighbors.half_life_s * 1000,
        )

    @cached_property
    def by_distance(self) -> NDArray[np.float64]:
        """`(window + 1,)` strengths of a pair by its distance; distance 0 has none."""
        distances = np.arange(self.window + 1, dtype=np.float64)
        distances[1:] **= -0.5
        return distances
