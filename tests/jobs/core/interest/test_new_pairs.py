"""Pairs of items: the vectorised form equals reading one event at a time, however batches fall."""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.config import Interest
from jobs.core.interest.fold import fold
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.user_state import UserEntry
from jobs.neighbor_settings import Neighbors
from tests.builders import ITEMS, NOON_MS, catalogue_of
from tests.jobs.core.interest.fold_builders import Happening, joined, rating
from tests.jobs.core.kernels.arithmetic import arithmetic  # noqa: F401
from tests.jobs.core.neighbors.pair_oracle import Interaction, PairOracle, pairs_of

LAST_N, WINDOW = 9, 5
Pairs = dict[tuple[str, str, int], float]
"""Strengths by (older item, newer item, time of the newer interaction)."""
Liked = dict[tuple[str, int], float]
"""Interactions by (item, time)."""
SETTINGS = FoldSettings.of(Interest(last_n=LAST_N), 4, Neighbors(window=WINDOW, per_user_hour=8))
assert SETTINGS.pairs is not None
RULES = SETTINGS.pairs
NAMES = sorted(ITEMS)
Key = TypeVar("Key", bound=tuple[Any, ...])


def folded(
    batches: Sequence[Sequence[Happening]], rules: FoldSettings = SETTINGS, users: int = 3
) -> tuple[Pairs, Liked]:
    """The sums of all changes, those of 0 left out."""
    catalogue = catalogue_of(ITEMS)
    ids = catalogue.ids
    entries: list[UserEntry | None] = [None] * users
    pairs: Pairs = defaultdict(float)
    liked: Liked = defaultdict(float)
    for batch in batches:
        found = fold(entries, joined(batch, catalogue), catalogue, rules)
        entries = list(found.entries)
        updates = found.pairs
        for older, newer, at_ms, strength in zip(
            updates.older, updates.newer, updates.pair_ms, updates.strength, strict=True
        ):
            pairs[ids[older], ids[newer], int(at_ms)] += strength
        for item, at_ms, count in zip(updates.liked, updates.liked_ms, updates.count, strict=True):
            liked[ids[item], int(at_ms)] += count
    return rounded(pairs), rounded(liked)


def rounded(sums: dict[Key, float]) -> dict[Key, float]:
    return {key: round(value, 5) + 0.0 for key, value in sums.items() if abs(value) > 1e-5}


def read_by_oracle(events: Sequence[Happening]) -> tuple[Pairs, Liked]:
    oracle = PairOracle(RULES, LAST_N)
    for event in events:
        oracle.read(event)
    return rounded(oracle.pairs), rounded(oracle.liked)


@st.composite
def histories(draw: st.DrawFn, *, late: int = 40, undo: bool = True) -> list[Happening]:
    """Events of a few users within three hours: a part is late, undone, replaced, or a search."""
    events = []
    for number in range(draw(st.integers(1, 45))):
        user = draw(st.integers(0, 1))
        kinds = ["like"] * 5 + ["view", "search", "dislike"] + ["undo", *["rating"] * 3] * undo
        kind = draw(st.sampled_from(kinds))
        place = number - draw(st.sampled_from([0] * 6 + list(range(1, late + 1))))
        at_ms = NOON_MS + 240_000 * place
        key = draw(st.integers(0, 2**54 - 1)) << 10 | number
        item = draw(st.sampled_from(NAMES))
        weight = {"like": 3.0, "view": 0.5, "search": 2.0, "dislike": -3.0}.get(kind, 0.0)
        if kind == "search":
            events.append(Happening(user, at_ms, key, weight, text="east"))
        elif kind == "rating":
            weight = draw(st.sampled_from([4.0, 0.8, 0.0, -3.2]))
            events.append(rating(user, at_ms, key, weight, item))
        else:
            bit = 3 if kind in ("like", "undo") else 255
            undoes = kind == "undo"
            events.append(Happening(user, at_ms, key, weight, item, undo_bit=bit, undoes=undoes))
    return events


@settings(deadline=None)
@given(histories(), st.data())
def test_any_batches_give_what_one_event_after_the_other_gives(
    events: list[Happening], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    batches = [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    assert folded([batch for batch in batches if batch]) == read_by_oracle(events)


@settings(deadline=None)
@given(histories(late=1, undo=False), st.randoms())
def test_disorder_within_the_depth_changes_nothing(
    events: list[Happening], rng: random.Random
) -> None:
    in_order = sorted(events, key=lambda one: (one.time_ms, one.key))
    disordered = [
        one
        for _, one in sorted(
            enumerate(in_order), key=lambda pair: pair[0] + rng.uniform(0, LAST_N - WINDOW)
        )
    ]
    most = FoldSettings.of(Interest(last_n=LAST_N), 4, Neighbors(window=WINDOW))
    sums = folded([disordered], most)
    assert sums == folded([[one] for one in in_order], most)
    # The sequence as a whole, without a ring.
    assert most.pairs is not None
    whole: Pairs = defaultdict(float)
    for user in (0, 1):
        liked = [
            Interaction((one.time_ms, one.key), one.item, one.undo_bit, one.weight)
            for one in reversed(in_order)
            if one.user == user and one.weight > 0
        ]
        for pair, strength in pairs_of(liked, most.pairs).items():
            whole[pair] += strength
    assert sums[0] == rounded(whole)


def likes(*items: str, every_ms: int = 60_000, start_ms: int = NOON_MS) -> list[Happening]:
    return [
        Happening(0, start_ms + every_ms * number, number, 3.0, item)
        for number, item in enumerate(items)
    ]


def test_a_pair_counts_by_the_root_of_its_distance() -> None:
    a, b, c = NAMES[:3]
    pairs, liked = folded([likes(a, b, c)])
    assert {key[:2]: value for key, value in pairs.items()} == {
        (a, b): 1,
        (b, c): 1,
        (a, c): round(1 / math.sqrt(2), 5),
    }
    assert {key[0]: value for key, value in liked.items()} == {a: 1, b: 1, c: 1}


def test_of_several_interactions_with_an_item_the_nearest_counts() -> None:
    a, b = NAMES[:2]
    pairs, _ = folded([likes(a, a, b)])
    assert {key[:2]: value for key, value in pairs.items()} == {(a, b): 1}


def test_a_light_interaction_makes_light_pairs() -> None:
    a, b = NAMES[:2]
    view = Happening(0, NOON_MS - 1, 7, 0.25, a)
    pairs, _ = folded([[view], likes(b)])
    assert list(pairs.values()) == [0.25]


def test_what_is_undone_takes_its_pairs_back() -> None:
    a, b, c = NAMES[:3]
    first, second, third = likes(a, b, c)
    second = Happening(0, second.time_ms, 1, 3.0, b, undo_bit=3)
    unlike = Happening(0, third.time_ms + 1, 9, 0.0, b, undo_bit=3, undoes=True)
    sums = folded([[first], [second], [third], [unlike]])
    assert sums == folded([[first, third]])
    assert folded([[first, second, third, unlike]]) == sums


@pytest.mark.parametrize("second", [-3.2, 0.0])
def test_a_rating_that_is_replaced_by_one_that_likes_nothing_takes_its_pairs_back(
    second: float,
) -> None:
    a, b, c = NAMES[:3]
    first, _, third = likes(a, b, c)
    good = rating(0, NOON_MS + 60_000, 1, 4.0, b)
    bad = rating(0, third.time_ms + 1, 9, second, b)
    sums = folded([[first], [good], [third], [bad]])
    assert sums == folded([[first, third]])
    for batches in ([[first, good, third, bad]], [[bad], [first, good, third]]):
        assert folded(batches) == sums


def test_a_rating_that_replaces_a_good_one_by_a_good_one_takes_its_place_later() -> None:
    a, b, c = NAMES[:3]
    first, _, third = likes(a, b, c)
    good = rating(0, NOON_MS + 60_000, 1, 4.0, b)
    better = rating(0, third.time_ms + 1, 9, 3.2, b)
    sums = folded([[first], [good], [third], [better]])
    pairs, liked = sums
    # The sequence is a, c, b: no pair from b to c is left.
    assert {key[:2]: value for key, value in pairs.items()} == {
        (a, c): 1,
        (c, b): 1,
        (a, b): round(1 / math.sqrt(2), 5),
    }
    assert {key[0]: value for key, value in liked.items()} == {a: 1, b: 1, c: 1}
    for batches in ([[first, good, third, better]], [[better], [good], [first, third]]):
        assert folded(batches) == sums


def test_a_rating_that_pushes_the_replaced_one_out_of_the_last_interactions_takes_it_back() -> None:
    # The first of so many as are kept: the rating that replaces it is one more.
    good = rating(0, NOON_MS - 1, 90, 4.0, NAMES[3])
    others = likes(*(NAMES[number % 3] for number in range(LAST_N - 1)))
    better = rating(0, NOON_MS + 10**7, 91, 3.2, NAMES[3])
    sums = folded([[good], others, [better]])
    assert sums == folded([[*others, better]])
    assert sums == folded([[good, *others, better]])


def test_more_interactions_than_allowed_in_an_hour_make_no_pairs() -> None:
    names = [NAMES[number % 4] for number in range(20)]
    start_ms = NOON_MS // 3_600_000 * 3_600_000
    sums = folded([likes(*names, every_ms=1_000, start_ms=start_ms)])
    assert sums == folded([likes(*names[:8], every_ms=1_000, start_ms=start_ms)])


def test_interactions_that_come_too_late_change_nothing() -> None:
    recent = likes(*(NAMES[number % 4] for number in range(LAST_N)), start_ms=NOON_MS + 10**9)
    old = likes(*(NAMES[number % 3] for number in range(20)))
    assert folded([recent, old]) == folded([recent])


@pytest.mark.parametrize(
    ("interest", "neighbors"),
    [(Interest(last_n=0), Neighbors()), (Interest(), Neighbors(enabled=False))],
)
def test_without_last_interactions_or_when_switched_off_no_pairs_are_made(
    interest: Interest, neighbors: Neighbors
) -> None:
    made = FoldSettings.of(interest, 4, neighbors)
    assert made.pairs is None
    assert folded([likes(*NAMES[:3])], made) == ({}, {})


def test_the_window_is_never_longer_than_the_ring() -> None:
    made = FoldSettings.of(Interest(last_n=3), 4, Neighbors(window=20))
    assert made.pairs is not None
    assert (made.pairs.window, made.pairs.depth) == (3, 0)
    np.testing.assert_allclose(made.pairs.by_distance, [0, 1, 2**-0.5, 3**-0.5])
