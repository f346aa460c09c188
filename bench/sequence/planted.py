"""A million interactions in an order that pairs of items cannot tell."""

import numpy as np

from model_export.sequence.interactions import Interactions, ordered

USERS = 6_040
ITEMS = 3_706
EVENTS = 165
"""Of each user: the sizes are those of MovieLens 1M."""
STRIDES = (-7, -3, -1, 1, 3, 7)
STAYS = 0.7
"""Share of the interactions that go on as the user went before; others are what is popular."""
_TEXT_DIM = 32
_HOUR_MS = 3_600_000


def planted(seed: int = 0) -> Interactions:
    """Users who walk along a ring of items, each with a stride that changes now and then.

    From an item all six strides lead on equally often: which one a user takes is seen in the steps
    before, and in no pair of items. What lies between, by popularity, tells nothing. Texts are
    random.
    """
    rng = np.random.default_rng(seed)
    popular = rng.permutation(ITEMS)
    chance = 1 / np.arange(1, ITEMS + 1)
    chance /= chance.sum()
    place = rng.integers(0, ITEMS, USERS)
    stride = rng.choice(STRIDES, USERS)
    columns = np.empty((EVENTS, USERS), dtype=np.intp)
    for event in range(EVENTS):
        turns = rng.random(USERS) < 1 / 40
        stride = np.where(turns, rng.choice(STRIDES, USERS), stride)
        walks = rng.random(USERS) < STAYS
        place = np.where(walks, (place + stride) % ITEMS, place)
        columns[event] = np.where(walks, place, popular[rng.choice(ITEMS, USERS, p=chance)])
    begin_ms = rng.integers(0, 300 * 24, USERS) * _HOUR_MS
    time_ms = begin_ms + np.arange(EVENTS)[:, None] * _HOUR_MS
    user = np.broadcast_to(np.arange(USERS), columns.shape)
    texts = rng.standard_normal((ITEMS, _TEXT_DIM))
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return ordered(
        user.ravel().astype(np.intp),
        columns.ravel(),
        time_ms.ravel().astype(np.int64),
        np.ones(columns.size, dtype=np.float32),
        [f"i{number}" for number in range(ITEMS)],
        texts.astype(np.float16),
        [f"u{number}" for number in range(USERS)],
    )
