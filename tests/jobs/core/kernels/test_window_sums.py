"""Sums and packed records by kernels are those of numpy, bit for bit."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.interest.fold import fold
from jobs.core.interest.packed_records import pack_records, unpack_records
from jobs.core.interest.user_state import Layout, Records, UserEntry, sum_words
from jobs.core.kernels.loaded import numpy_alone
from tests.builders import ITEMS, catalogue_of
from tests.jobs.core.interest.fold_builders import (
    SETTINGS,
    Happening,
    histories,
    in_batches,
    joined,
)

LAYOUT = Layout(dim=3, windows=("day", "month", "dislikes", "topics"), last_n=4)


@given(histories, st.lists(st.integers(0, 15), max_size=3))
def test_states_are_those_of_numpy(events: Sequence[Happening], cuts: Sequence[int]) -> None:
    catalogue = catalogue_of(ITEMS)
    entries: list[UserEntry | None] = [None] * 2
    assert sum_words(SETTINGS.layout.empty(1)) is not None
    for events_of_batch in in_batches(events, cuts):
        batch = joined(events_of_batch, catalogue)
        with numpy_alone():
            expected = fold(entries, batch, catalogue, SETTINGS).entries
        entries = list(fold(entries, batch, catalogue, SETTINGS).entries)
        assert entries == expected


@st.composite
def records(draw: st.DrawFn) -> Records:
    """Records whose windows have a few weights, times and sums, so that many are alike."""
    made = LAYOUT.empty(draw(st.integers(1, 4)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = made["weight"].shape
    made["weight"] = rng.choice([0.0, 1.0, 2.0], shape)
    made["as_of"] = rng.choice([5, 6], shape)
    # -0.0 equals 0.0, and has other bits.
    made["sum"] = rng.choice([0.0, -0.0, 1.5], (*shape, 1)) * np.ones(3)
    # A window without weight has a sum of 0.
    made["sum"][made["weight"] == 0] = 0
    return made


@given(records())
def test_records_are_packed_and_unpacked_as_numpy_does_it(made: Records) -> None:
    packed = pack_records(made)
    with numpy_alone():
        assert pack_records(made) == packed
        expected = unpack_records([UserEntry(record) for record in packed], LAYOUT)
    found = unpack_records([UserEntry(record) for record in packed], LAYOUT)
    assert found.tobytes() == expected.tobytes() == made.tobytes()


def test_sums_that_do_not_lie_on_words_are_left_to_numpy() -> None:
    assert sum_words(Layout(dim=3, windows=("day",), last_n=5).empty(1)) is None
    words = sum_words(Layout(dim=3, windows=("day",), last_n=4).empty(2))
    assert words is not None
    # 24 bytes of counters, 16 of a window, 8 unwritten, 29 for each of 4 interactions.
    assert words[1:] == ((24 + 16 + 8 + 29 * 4) // 4, 3)
    assert words[0].shape == (2, words[1] + 3)
