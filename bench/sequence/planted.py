"""A million interactions in which two things together decide a third."""

import numpy as np

from model_export.sequence.interactions import Interactions, ordered

USERS, EVENTS = 6_040, 165
KINDS, SIZE = 103, 12
"""So that users, interactions and items (3,708) are about as many as in MovieLens 1M."""
NOISE = 0.25
"""Share of the interactions that lie between and are what is popular."""
_TEXT_DIM = 32
_HOUR_MS = 3_600_000


def planted(seed: int = 0) -> Interactions:
    """Users who do three things of a kind at a time: the first two decide the third.

    Each of the first two alone says nothing of the third: which of twelve it is, no pair of items
    tells. Kinds follow each other by chance. Texts are random.
    """
    rng = np.random.default_rng(seed)
    items = KINDS * 3 * SIZE
    popular = rng.permutation(items)
    chance = 1 / np.arange(1, items + 1)
    chance /= chance.sum()
    done = np.zeros(USERS, dtype=np.intp)
    kind, first, second = (np.zeros(USERS, dtype=np.intp) for _ in range(3))
    columns = np.empty((EVENTS, USERS), dtype=np.intp)
    for event in range(EVENTS):
        begins = done % 3 == 0
        noise = begins & (rng.random(USERS) < NOISE * 3 / (1 + 2 * NOISE))
        starts = begins & ~noise
        kind = np.where(starts, rng.integers(0, KINDS, USERS), kind)
        first = np.where(starts, rng.integers(0, SIZE, USERS), first)
        second = np.where(starts, rng.integers(0, SIZE, USERS), second)
        part = done % 3
        which = np.choose(part, (first, second, (first + second) % SIZE))
        item = (kind * 3 + part) * SIZE + which
        columns[event] = np.where(noise, popular[rng.choice(items, USERS, p=chance)], item)
        done += ~noise
    begin_ms = rng.integers(0, 300 * 24, USERS) * _HOUR_MS
    time_ms = begin_ms + np.arange(EVENTS)[:, None] * _HOUR_MS
    user = np.broadcast_to(np.arange(USERS), columns.shape)
    texts = rng.standard_normal((items, _TEXT_DIM))
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return ordered(
        user.ravel().astype(np.intp),
        columns.ravel(),
        time_ms.ravel().astype(np.int64),
        np.ones(columns.size, dtype=np.float32),
        [f"i{number}" for number in range(items)],
        texts.astype(np.float16),
        [f"u{number}" for number in range(USERS)],
    )
