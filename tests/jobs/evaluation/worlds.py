"""Small data sets and interactions for tests of evaluations."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jobs.datasets.dataset import Dataset, Line
from jobs.evaluation.interactions import Interactions, earlier
from tests.builders import NOON_MS

MINUTE_MS = 60_000


def dataset(items: Sequence[Line], events: Sequence[Line]) -> Dataset:
    return Dataset("world", items=lambda: iter(items), events=lambda: iter(events))


def interactions(pairs: Sequence[tuple[int, int]], items: int, step_ms: int = MINUTE_MS) -> Any:
    """Interactions of users with items, both by number, `step_ms` apart."""
    user = np.array([pair[0] for pair in pairs], dtype=np.int64)
    item = np.array([pair[1] for pair in pairs], dtype=np.int64)
    return Interactions(
        user_ids=[f"u{number}" for number in range(int(user.max(initial=-1)) + 1)],
        item_ids=[f"i{number}" for number in range(items)],
        documents=[f"title {number}" for number in range(items)],
        event_ids=[f"e{number}" for number in range(len(pairs))],
        user=user,
        item=item,
        time_ms=NOON_MS + step_ms * np.arange(len(pairs)),
        line=np.arange(len(pairs)),
        before_user=earlier(user),
        before_item=earlier(item),
    )


def random_interactions(seed: int, users: int = 12, items: int = 30, count: int = 150) -> Any:
    """Distinct pairs of users and items, in a random order."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(users * items)[:count]
    pairs = [(int(one) // items, int(one) % items) for one in drawn]
    return interactions(pairs, items, step_ms=int(rng.integers(1, 90)) * MINUTE_MS)
