"""The fold: states and rows after a batch, compared with the definitions of docs/contract.md."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.config import Interest
from jobs.core.event_key import reference
from jobs.core.interest import fold as fold_module
from jobs.core.interest.due_rows import Write
from jobs.core.interest.fold import fold
from jobs.core.interest.packed_records import unpack_records
from jobs.core.interest.user_state import UserEntry
from tests.builders import (
    DAY_MS,
    EAST,
    INWARD,
    ITEMS,
    NOON_MS,
    SLANT,
    UP,
    catalogue_of,
    half,
)
from tests.jobs.core.interest.fold_builders import (
    SETTINGS,
    TEXTS,
    Happening,
    Medoid,
    Tables,
    Users,
    after,
    comments,
    histories,
    in_batches,
    joined,
    like,
    plain,
    replaced_histories,
    undo_histories,
    undoing,
)
from tests.jobs.core.interest.fold_oracle import assert_as_defined
from tests.jobs.core.kernels.arithmetic import arithmetic  # noqa: F401


@settings(max_examples=200, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=3))
def test_any_order_in_any_batches_gives_the_rows_of_the_definitions(events, random, cuts):
    random.shuffle(events)
    assert_as_defined(after(*in_batches(events, cuts), users=2), events)


@settings(max_examples=150, deadline=None)
@given(undo_histories, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=5))
def test_an_undone_event_has_no_weight_in_any_order_and_batches(events, random, cuts):
    random.shuffle(events)
    assert_as_defined(after(*in_batches(events, cuts), users=2), events)


@settings(max_examples=150, deadline=None)
@given(
    replaced_histories,
    st.randoms(use_true_random=False),
    st.lists(st.integers(0, 99), max_size=5),
)
def test_a_replaced_event_has_no_weight_in_any_order_and_batches(events, random, cuts):
    random.shuffle(events)
    assert_as_defined(after(*in_batches(events, cuts), users=2), events)


@settings(max_examples=80, deadline=None)
@given(
    histories,
    st.lists(st.integers(0, 99), max_size=3),
    st.sampled_from([0, 1, 4]),
    st.sampled_from([{}, {"day": 86_400.0}, {"month": 2_592_000.0, "day": 86_400.0}]),
    st.booleans(),
    st.booleans(),
)
def test_any_part_may_be_switched_off_without_changing_the_others(
    events, cuts, last_n, half_lives_s, topics, dislikes
):
    interest = Interest(
        last_n=last_n,
        half_lives_s=half_lives_s,
        topics_half_life_s=2_592_000.0 * topics,
        dislikes_half_life_s=2_592_000.0 * dislikes,
        slow_delay_s=0,
    )
    made = after(*in_batches(events, cuts), users=2, interest=interest)
    assert_as_defined(made, events, interest)
    kinds = {*half_lives_s, *["topics"] * topics, *["dislikes"] * dislikes}
    kinds |= {"recent", "session"} if last_n else set()
    assert {kind for _, kind in made.tables.windows} <= kinds
    if not last_n:
        assert all(not made.tables.interests(event.user) for event in events)


def test_users_of_a_batch_do_not_touch_each_other():
    events = [Happening(0, NOON_MS, 1, 3.0, "east"), Happening(1, NOON_MS, 2, 1.0, "north")]
    together = after(events, users=2)
    alone = after([Happening(0, NOON_MS, 2, 1.0, "north")])
    assert together.entries[1] == alone.entries[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(plain, comments, undoing), min_size=1, max_size=30, unique_by=lambda e: e.key
    ),
    st.randoms(use_true_random=False),
)
def test_more_users_than_are_folded_at_a_time_are_folded_as_they_would_be_alone(events, random):
    users = 9
    events = [Happening(**{**vars(event), "user": random.randrange(users)}) for event in events]
    whole = after(events, users=users)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold_module, "CHUNK", 2)
        parts = after(events, users=users)
    assert parts.entries == whole.entries
    assert parts.tables.users == whole.tables.users
    assert parts.tables.windows.keys() == whole.tables.windows.keys()
    for key, (unit, weight, as_of) in whole.tables.windows.items():
        found = parts.tables.windows[key]
        assert (found[0].tolist(), *found[1:]) == (unit.tolist(), weight, as_of)


def test_the_fold_leaves_the_ids_of_an_entry_as_they_are():
    made = Users()
    made.entries = [UserEntry(b"", ids=b"some ids")]
    made.batch(Happening(0, NOON_MS, 1, 3.0, "east"))
    assert made.entry().ids == b"some ids"


def test_versions_grow_with_every_event_from_where_they_began():
    events = joined([Happening(0, NOON_MS, n, 1.0, "east") for n in range(3)], catalogue_of(ITEMS))
    first = fold([None], events, catalogue_of(ITEMS), SETTINGS, version=1000)
    assert first.version.tolist() == [1003]
    second = fold(first.entries, events, catalogue_of(ITEMS), SETTINGS, version=5000)
    assert second.version.tolist() == [1006]
    assert second.events.tolist() == [6]


def test_an_event_without_an_item_or_text_counts_and_moves_no_window():
    made = after([Happening(0, NOON_MS, 1, 1.0)])
    assert made.tables.users == {0: (1, NOON_MS, [])}
    assert made.tables.windows == {}


def test_a_query_counts_with_its_own_vector_instead_of_the_items():
    found = after([Happening(0, NOON_MS, 1, 2.0, "east", "red shoes")]).tables.vectors()
    assert found == {kind: list(INWARD) for kind in ("recent", "session", "day", "month", "topics")}


def test_a_query_that_spells_an_items_id_keeps_its_own_vector():
    found = after([Happening(0, NOON_MS, 1, 2.0, None, "east")]).tables.vectors()
    assert found["recent"] == list(TEXTS["east"])


def test_a_changed_item_moves_the_last_interactions_and_leaves_the_sums():
    made = after([Happening(0, NOON_MS, 1, 1.0, "east")])
    made.catalogue.put("east", half(UP))
    made.batch(Happening(0, NOON_MS - DAY_MS, 2, 1e-6, "north"))
    found = made.tables.vectors()
    np.testing.assert_allclose(found["recent"], UP, atol=1e-3)
    assert found["session"] == list(UP)
    np.testing.assert_allclose(found["day"], EAST, atol=1e-3)
    np.testing.assert_allclose(found["month"], EAST, atol=1e-3)


def test_interests_name_items_with_their_share_and_size():
    # East and Slant (cosine 0.6) are one interest; ranks 0 to 2 weigh 2^(-rank/12).
    events = [
        Happening(0, NOON_MS, 1, 1.0, "up"),
        Happening(0, NOON_MS + 1, 2, 1.0, "slant"),
        Happening(0, NOON_MS + 2, 3, 3.0, "east"),
    ]
    strong, weak = after(events).tables.interests()
    east, slant, up = 3.0, 2 ** (-1 / 12), 2 ** (-2 / 12)
    total = east + slant + up
    assert (strong.item_id, strong.size) == ("east", 2)
    assert strong.share == pytest.approx((east + slant) / total)
    assert (weak.item_id, weak.size) == ("up", 1)
    assert weak.share == pytest.approx(up / total)


def test_a_query_is_a_member_of_an_interest_and_never_its_medoid():
    events = [
        Happening(0, NOON_MS, 1, 0.5, "east"),
        Happening(0, NOON_MS + 1, 2, 5.0, None, "warm hat"),
    ]
    assert after(events).tables.interests() == [Medoid("east", 1.0, 2)]


def test_rows_have_unit_length_whatever_the_number_of_events():
    made = after([Happening(0, NOON_MS + n, n, 5.0, "slant") for n in range(4)])
    for unit in made.tables.vectors().values():
        np.testing.assert_allclose(unit, SLANT, atol=1e-3)


def test_write_all_gives_every_row_of_the_state():
    events = [Happening(0, NOON_MS, 1, 1.0, "north"), Happening(0, NOON_MS, 2, -1.0, "east")]
    made = after(events)
    before, made.tables = made.tables, Tables()
    result = made.batch(write=Write.ALL)
    assert made.tables.vectors() == before.vectors()
    assert made.tables.users == before.users
    assert result.entries == after(events).entries


def test_no_users_or_no_events_give_no_rows():
    none = joined([], catalogue_of(ITEMS))
    result = fold([], none, catalogue_of(ITEMS), SETTINGS)
    assert (result.entries, result.windows, result.written_users.tolist()) == ([], [], [])
    made = after([Happening(0, NOON_MS, 1, 1.0, "north")])
    result = fold(made.entries, none, made.catalogue, SETTINGS)
    assert (result.entries, result.windows, result.deferred.tolist()) == (made.entries, [], [])


def test_the_windows_of_a_configuration_have_its_names_and_half_lives():
    windows = {window.name: (window.half_life_ms, window.sign) for window in SETTINGS.windows}
    assert windows == {
        "day": (DAY_MS, 1),
        "month": (30 * DAY_MS, 1),
        "dislikes": (30 * DAY_MS, -1),
        "topics": (30 * DAY_MS, 0),
    }
    assert SETTINGS.layout.windows == tuple(windows)


def test_the_ring_buffer_holds_the_references_of_item_ids():
    catalogue = catalogue_of(ITEMS)
    (entry,) = fold([None], joined([like(1)], catalogue), catalogue, SETTINGS).entries
    record = unpack_records([entry], SETTINGS.layout)
    assert record["ring_ref"][0, 0] == reference("east")
