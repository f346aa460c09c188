"""Pairs by the kernel are those of numpy, bit for bit, whatever is late, undone or replaced."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.config import Interest
from jobs.core.interest.fold import fold
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.user_state import UserEntry
from jobs.core.kernels.loaded import kernels, numpy_alone
from jobs.core.neighbors.pair_updates import PairUpdates
from jobs.neighbor_settings import Neighbors
from tests.builders import EAST, ITEMS, NOON_MS, catalogue_of
from tests.jobs.core.interest.fold_builders import Happening, joined
from tests.jobs.core.interest.test_new_pairs import histories

# The ring has 9 places and then 8: sums of records lie on words of 4 bytes in the second alone.
SETTINGS = [
    FoldSettings.of(Interest(last_n=last_n), 4, Neighbors(window=5, per_user_hour=6))
    for last_n in (9, 8)
]


def changes(updates: PairUpdates) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """Pairs and interactions, sorted: nothing says in which order they come."""
    pairs = (updates.newer, updates.older, updates.strength, updates.pair_ms)
    liked = (updates.liked, updates.count, updates.liked_ms)
    return tuple(
        sorted(zip(*(column.tolist() for column in columns), strict=True))
        for columns in (pairs, liked)
    )  # type: ignore[return-value]


@given(histories(), st.sampled_from(SETTINGS), st.integers(1, 45))
def test_every_batch_has_the_pairs_and_the_states_of_numpy(
    events: list[Happening], settings: FoldSettings, size: int
) -> None:
    catalogue = catalogue_of(ITEMS)
    entries: list[UserEntry | None] = [None] * 2
    for start in range(0, len(events), size):
        batch = joined(events[start : start + size], catalogue)
        with numpy_alone():
            expected = fold(entries, batch, catalogue, settings)
        found = fold(entries, batch, catalogue, settings)
        assert changes(found.pairs) == changes(expected.pairs)
        assert found.entries == expected.entries
        entries = list(found.entries)


def test_more_pairs_than_there_is_room_for_at_first_are_all_found() -> None:
    names = [f"item-{number}" for number in range(100)]
    catalogue = catalogue_of(dict.fromkeys(names, EAST))
    settings = FoldSettings.of(Interest(last_n=80), 4, Neighbors(window=64, per_user_hour=125))
    events = [Happening(0, NOON_MS + at, at, 1.0, name) for at, name in enumerate(names)]
    assert kernels() is not None
    found = fold([None], joined(events, catalogue), catalogue, settings).pairs
    # Every item makes a pair with each of up to 64 before it.
    expected = {(at, before) for at in range(100) for before in range(max(0, at - 64), at)}
    assert set(zip(found.newer.tolist(), found.older.tolist(), strict=True)) == expected
    assert len(found.newer) == len(expected) > 24 * len(events)
    np.testing.assert_array_equal(found.strength, (found.newer - found.older) ** -0.5)
