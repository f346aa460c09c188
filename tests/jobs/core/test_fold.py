"""The fold: what users have after a batch, against the definitions applied to all events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.config import Interest
from jobs.core.catalogue import Catalogue
from jobs.core.event_key import reference, text_reference
from jobs.core.fold import Folded, FoldSettings, JoinedEvents, UserInterest, fold
from jobs.core.user_state import UserEntry
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    ITEMS,
    MINUTE_MS,
    NOON_MS,
    NORTH,
    SLANT,
    UP,
    catalogue_of,
    half,
)

INTEREST = Interest(last_n=4)
SETTINGS = FoldSettings.of(INTEREST, 4)
HALF_LIFE_MS = {"day": DAY_MS, "month": 30 * DAY_MS, "dislikes": 30 * DAY_MS}
TEXTS = {"red shoes": INWARD, "east": (0.0, 0.0, -1.0, 0.0), "warm hat": (0.8, 0.0, 0.6, 0.0)}


@dataclass(frozen=True)
class Said:
    """An event of a user about an item, in words, or about nothing."""

    user: int
    time_ms: int
    key: int
    weight: float
    item: str | None = None
    text: str | None = None

    @property
    def vector(self) -> tuple[float, ...] | None:
        if self.text is not None:
            return TEXTS[self.text]
        return None if self.item is None else ITEMS[self.item]


def joined(events: Sequence[Said], catalogue: Catalogue) -> JoinedEvents:
    spoken = [event.text for event in events if event.text is not None]
    text_row = iter(range(len(spoken)))
    return JoinedEvents(
        user=np.array([event.user for event in events], dtype=np.intp),
        time_ms=np.array([event.time_ms for event in events], dtype=np.int64),
        key=np.array([event.key for event in events], dtype=np.uint64),
        weight=np.array([event.weight for event in events], dtype=np.float64),
        ref=np.array(
            [
                reference(event.item or "") if event.text is None else text_reference(event.text)
                for event in events
            ],
            dtype=np.uint64,
        ),
        row=catalogue.rows([event.item for event in events]),
        text_row=np.array(
            [-1 if event.text is None else next(text_row) for event in events], dtype=np.intp
        ),
        text_vectors=half([TEXTS[text] for text in spoken]).reshape(-1, 4),
    )


def folded(
    batches: Sequence[Sequence[Said]],
    users: int = 1,
    catalogue: Catalogue | None = None,
    entries: Sequence[UserEntry | None] | None = None,
) -> Folded:
    known = catalogue_of(ITEMS) if catalogue is None else catalogue
    state: list[UserEntry | None] = [None] * users if entries is None else list(entries)
    for batch in batches:
        result = fold(state, joined(batch, known), known, SETTINGS)
        state = list(result.entries)
    return result


Row = tuple[NDArray[np.float64], float, int]


def rows_of(result: Folded, user: int = 0) -> dict[str, Row]:
    """Kind -> unit vector, weight, as_of of a user."""
    windows = result.windows
    found = {
        SETTINGS.kinds[windows.kind[i]]: (
            windows.vector[i].astype(np.float64),
            float(windows.weight[i]),
            int(windows.as_of[i]),
        )
        for i in np.flatnonzero(windows.user == user).tolist()
    }
    assert len(found) == (windows.user == user).sum()
    return found


def expected_rows(events: Sequence[Said], user: int = 0) -> dict[str, Row | None]:
    """Every kind from its definition in docs/design.md, in float64; None where vectors cancel."""
    told = sorted(
        (e for e in events if e.user == user and e.weight != 0 and e.vector is not None),
        key=lambda e: (e.time_ms, e.key),
        reverse=True,
    )
    liked, disliked = [e for e in told if e.weight > 0], [e for e in told if e.weight < 0]
    last = liked[: INTEREST.last_n]
    session = last[:1]
    for before, after in zip(last[1:], last, strict=False):
        if after.time_ms - before.time_ms > 30 * MINUTE_MS:
            break
        session.append(before)
    weighted = {
        "recent": [(e.weight * 2 ** (-rank / 3), e) for rank, e in enumerate(last)],
        "session": [(e.weight, e) for e in session],
    }
    for kind, chosen in (("day", liked), ("month", liked), ("dislikes", disliked)):
        weighted[kind] = [
            (abs(e.weight) * 2 ** (-(chosen[0].time_ms - e.time_ms) / HALF_LIFE_MS[kind]), e)
            for e in chosen
        ]
    rows: dict[str, Row | None] = {}
    for kind, shares in weighted.items():
        total = sum((share * np.array(e.vector) for share, e in shares), start=np.zeros(4))
        weight, length = sum(share for share, _ in shares), float(np.linalg.norm(total))
        if weight:
            stable = length > 1e-3 * weight
            rows[kind] = (total / length, weight, shares[0][1].time_ms) if stable else None
    return rows


def assert_rows(found: dict[str, Row], expected: dict[str, Row | None]) -> None:
    # What all but cancels has a direction made of rounding, or no row.
    assert {kind for kind, row in expected.items() if row is not None} <= found.keys()
    assert found.keys() <= expected.keys()
    for kind, row in expected.items():
        if row is None:
            continue
        # float32 sums, then float16: 2^-11 relative.
        np.testing.assert_allclose(found[kind][0], row[0], atol=2e-3, err_msg=kind)
        assert found[kind][1] == pytest.approx(row[1], rel=1e-6), kind
        assert found[kind][2] == row[2], kind


weights = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0, -0.5, -3.0])
times = st.one_of(
    st.sampled_from([NOON_MS, NOON_MS - 30 * MINUTE_MS, NOON_MS - 31 * MINUTE_MS]),
    st.integers(NOON_MS - 60 * DAY_MS, NOON_MS),
)
said = st.builds(
    lambda user, time_ms, key, weight, target: Said(user, time_ms, key, weight, *target),
    st.integers(0, 1),
    times,
    st.integers(0, 2**64 - 1),
    weights,
    st.one_of(
        st.sampled_from([(item, None) for item in ITEMS]),
        st.sampled_from([(None, text) for text in TEXTS]),
        st.just((None, None)),
        st.just(("east", "red shoes")),
    ),
)
histories = st.lists(said, min_size=1, max_size=14, unique_by=lambda event: event.key)


@settings(max_examples=120, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=3))
def test_any_order_in_any_batches_gives_what_the_definitions_say(events, random, places):
    random.shuffle(events)
    ends = sorted({place % len(events) for place in places} | {len(events)})
    batches = [events[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    result = folded(batches, users=2)
    for user in (0, 1):
        mine = [event for event in events if event.user == user]
        assert_rows(rows_of(result, user), expected_rows(events, user))
        assert result.version[user] == len(mine)
        if mine:
            assert result.last_ms[user] == max(event.time_ms for event in mine)
    at_once = folded([events], users=2)
    assert result.interests == at_once.interests
    for one, other in zip(result.entries, at_once.entries, strict=True):
        assert one.texts == other.texts


def test_users_of_a_batch_do_not_touch_each_other():
    events = [Said(0, NOON_MS, 1, 3.0, "east"), Said(1, NOON_MS, 2, 1.0, "north")]
    together = folded([events], users=2)
    alone = folded([[Said(0, NOON_MS, 2, 1.0, "north")]])
    assert together.entries[1] == alone.entries[0]


def test_the_state_of_an_entry_that_is_not_the_folds_stays():
    entry = UserEntry(b"", ids=b"some ids", excluded="opt_out")
    (after,) = folded([[Said(0, NOON_MS, 1, 3.0, "east")]], entries=[entry]).entries
    assert (after.ids, after.excluded) == (b"some ids", "opt_out")


def test_an_event_about_nothing_counts_and_moves_nothing():
    result = folded([[Said(0, NOON_MS, 1, 1.0)]])
    assert (result.version.tolist(), result.last_ms.tolist()) == ([1], [NOON_MS])
    assert (rows_of(result), result.interests) == ({}, [[]])


def test_a_wanted_text_stands_for_its_event_in_place_of_the_item():
    rows = rows_of(folded([[Said(0, NOON_MS, 1, 2.0, "east", "red shoes")]]))
    assert rows["recent"][0].tolist() == rows["day"][0].tolist() == list(INWARD)


def test_a_text_that_spells_an_items_id_keeps_its_own_vector():
    rows = rows_of(folded([[Said(0, NOON_MS, 1, 2.0, None, "east")]]))
    assert rows["recent"][0].tolist() == list(TEXTS["east"])


def texts_in(entry: UserEntry) -> dict[int, list[float]]:
    rows = np.frombuffer(entry.texts, dtype=SETTINGS.layout.text_dtype)
    found = {int(row["ref"]): row["vector"].tolist() for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_text_is_kept_exactly_as_long_as_it_is_among_the_last_interactions():
    search = Said(0, NOON_MS, 1, 2.0, None, "red shoes")
    likes = [Said(0, NOON_MS + n, 10 + n, 1.0, "north") for n in range(1, 5)]
    entry: UserEntry | None = None
    kept = []
    for event in [search, *likes]:
        (entry,) = folded([[event]], entries=[entry]).entries
        kept.append(texts_in(entry))
    mine = {text_reference("red shoes"): list(INWARD)}
    assert kept == [mine, mine, mine, mine, {}]


def test_a_text_wanted_twice_is_kept_once():
    events = [Said(0, NOON_MS + n, n, 2.0, None, "red shoes") for n in range(3)]
    (entry,) = folded([events[:1], events[1:]]).entries
    assert list(texts_in(entry)) == [text_reference("red shoes")]


def test_a_search_that_comes_too_late_to_be_among_the_last_leaves_no_text():
    likes = [Said(0, NOON_MS + n, 10 + n, 1.0, "north") for n in range(4)]
    (entry,) = folded([[*likes, Said(0, NOON_MS - DAY_MS, 1, 2.0, None, "red shoes")]]).entries
    assert texts_in(entry) == {}


def test_an_unwanted_text_is_not_kept():
    (entry,) = folded([[Said(0, NOON_MS, 1, -2.0, None, "red shoes")]]).entries
    assert texts_in(entry) == {}


def test_each_user_keeps_their_own_texts():
    events = [
        Said(0, NOON_MS, 1, 2.0, None, "red shoes"),
        Said(1, NOON_MS, 2, 2.0, None, "warm hat"),
    ]
    first, second = folded([events], users=2).entries
    assert list(texts_in(first)) == [text_reference("red shoes")]
    assert list(texts_in(second)) == [text_reference("warm hat")]


def test_a_changed_item_moves_the_last_interactions_and_leaves_the_sums():
    catalogue = catalogue_of(ITEMS)
    (entry,) = folded([[Said(0, NOON_MS, 1, 1.0, "east")]], catalogue=catalogue).entries
    catalogue.put("east", half(UP))
    nothing = Said(0, NOON_MS + 1, 2, 0.0, "north")
    rows = rows_of(folded([[nothing]], catalogue=catalogue, entries=[entry]))
    assert rows["recent"][0].tolist() == rows["session"][0].tolist() == list(UP)
    assert rows["day"][0].tolist() == rows["month"][0].tolist() == list(EAST)


def test_interests_name_items_with_their_share_and_size():
    # East and Slant (cosine 0.6) are one interest; ranks 0 to 2 weigh 2^(-rank/12).
    events = [
        Said(0, NOON_MS, 1, 1.0, "up"),
        Said(0, NOON_MS + 1, 2, 1.0, "slant"),
        Said(0, NOON_MS + 2, 3, 3.0, "east"),
    ]
    ((strong, weak),) = folded([events]).interests
    east, slant, up = 3.0, 2 ** (-1 / 12), 2 ** (-2 / 12)
    total = east + slant + up
    assert (strong.item_id, strong.size) == ("east", 2)
    assert strong.share == pytest.approx((east + slant) / total)
    assert (weak.item_id, weak.size) == ("up", 1)
    assert weak.share == pytest.approx(up / total)


def test_a_search_is_part_of_an_interest_and_never_its_name():
    events = [
        Said(0, NOON_MS, 1, 0.5, "east"),
        Said(0, NOON_MS + 1, 2, 5.0, None, "warm hat"),
    ]
    assert folded([events]).interests == [[UserInterest("east", 1.0, 2)]]


def test_a_vector_that_is_far_from_unit_length_after_rounding_is_brought_back():
    result = folded([[Said(0, NOON_MS + n, n, 5.0, "slant") for n in range(4)]])
    for unit, _, _ in rows_of(result).values():
        np.testing.assert_allclose(unit, SLANT, atol=1e-3)


def test_the_kinds_are_numbered_as_the_tables_name_them():
    assert SETTINGS.kinds == ["recent", "session", "day", "month", "dislikes"]


def test_nothing_to_fold_tells_what_the_state_knows():
    (entry,) = folded([[Said(0, NOON_MS, 1, 1.0, "north")]]).entries
    result: Any = folded([[]], entries=[entry])
    assert rows_of(result)["recent"][0].tolist() == list(NORTH)
    assert (result.entries, result.version.tolist()) == ([entry], [1])
