"""Neighbours and popularity of a catalogue, independent of its texts.

What is popular over one horizon is often so over the next one, as windows are nested; neighbours
are drawn at random: the most candidates that there can be, and texts help no other source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.recommend.catalogue import Person

HORIZONS = ("all", "day", "hour", "month", "six_hours", "week")
KEPT = 2_000
"""Items of a horizon, as the job keeps them."""
LARGEST = 1_000
"""Interactions of the most popular item of each horizon."""
NOISE = 0.3
"""Deviation of an item's popularity over a horizon, as a logarithm, from that of all time."""
NEIGHBORS = 50
LIKED = 20
"""Newest items of a person that have neighbours."""


@dataclass(frozen=True)
class Sources:
    """What the job would have counted.

    - `interactions`: `(n,)`, how often each item was liked.
    - `neighbors`: `(NEIGHBORS,)` items by item, strongest first, of what people liked last.
    - `popular`: `(KEPT,)` items by horizon, the most popular first.
    """

    interactions: NDArray[np.float64]
    neighbors: Mapping[int, NDArray[np.int64]]
    popular: Mapping[str, NDArray[np.int64]]


def sources(n: int, people: Sequence[Person], seed: int = 0) -> Sources:
    """Those of `n` items and of the people, the same for the same arguments."""
    rng = np.random.default_rng([seed, n, len(people)])
    interactions = np.floor(1 + 50 * rng.pareto(1.2, n)).clip(max=10_000)
    liked = np.unique(np.concatenate([person.seen[-LIKED:] for person in people]))
    neighbors = {
        item: rng.choice(n, min(NEIGHBORS, n // 2), replace=False) for item in liked.tolist()
    }
    kept = min(KEPT, n // 2)
    popular = {
        horizon: np.argsort(-(np.log(interactions) + NOISE * rng.standard_normal(n)))[:kept]
        for horizon in HORIZONS
    }
    return Sources(interactions, neighbors, popular)


def strengths(count: int) -> NDArray[np.float64]:
    """Of the neighbours of an item in their order, `(count,)`."""
    return 20.0 / (1 + np.arange(count))


def counts(count: int) -> NDArray[np.int64]:
    """Interactions of the items of a horizon in their order, `(count,)`."""
    return np.asarray(np.maximum(LARGEST // (1 + np.arange(count)), 1), dtype=np.int64)


def neighbor_shares(
    made: Sources, person: Person, allowed: NDArray[np.bool_], considered: int | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of the strongest neighbour, 0 to 1, and that of the newest liked item alone.

    Both are `(n,)`; `allowed` `(n,)` says which items may be recommended. Of all others than the
    `considered` strongest before frequent items are damped both are 0.
    """
    total, last = np.zeros(len(allowed)), np.zeros(len(allowed))
    for rank, item in enumerate(person.seen[::-1][:LIKED].tolist()):
        own = made.neighbors[item]
        added = 2 ** (-rank / 3) * made.interactions[item] ** -0.5 * strengths(len(own))
        total[own] += added
        if rank == 0:
            last[own] = added
    if considered is not None:
        beyond = np.argsort(-total, kind="stable")[considered:]
        total[beyond] = last[beyond] = 0.0
    damping = made.interactions**-0.25
    total *= damping * allowed
    last *= damping * allowed
    return total / max(total.max(), 1e-300), last / max(last.max(), 1e-300)


def popularity(made: Sources, horizon: str) -> NDArray[np.float64]:
    """`ln(1 + interactions)` over that of the most popular item, `(n,)`."""
    found = np.zeros(len(made.interactions))
    if horizon == "all":
        found += np.log1p(made.interactions)
    items = made.popular[horizon]
    found[items] = np.log1p(counts(len(items)))
    return np.asarray(found / np.log1p(LARGEST), dtype=np.float64)
