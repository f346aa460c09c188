"""Merging the states of two users: as if all events had been one user's."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.config import Interest
from jobs.core.interest.due_rows import Write
from jobs.core.interest.event_ids import known_ids, with_new_ids
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.merge_users import merge_users
from jobs.core.interest.packed_records import unpack_records
from tests.builders import DAY_MS, EAST, MINUTE_MS, NOON_MS, NORTH, UP, half
from tests.jobs.core.interest.fold_builders import (
    INTEREST,
    Happening,
    Users,
    after,
    histories,
    in_batches,
    like,
    rating,
    replaced_histories,
    undo_histories,
    unlike,
)
from tests.jobs.core.interest.fold_oracle import assert_rows, expected_rows


def merged(made: Users, interest: Interest = INTEREST) -> Users:
    """User 1, merged into user 0, with all rows written."""
    settings = FoldSettings.of(interest, 4)
    one = Users(settings=settings, catalogue=made.catalogue)
    entry = merge_users(
        made.entry(1), made.entries[0], made.catalogue, settings, version=1, layout=0
    )
    one.entries = [entry]
    one.batch(write=Write.ALL)
    return one


def as_one(events: Sequence[Happening]) -> list[Happening]:
    return [Happening(**{**vars(event), "user": 0}) for event in events]


@settings(deadline=None)
@given(
    st.one_of(histories, undo_histories, replaced_histories),
    st.lists(st.integers(0, 15), max_size=3),
    st.integers(0, 16),
)
def test_merged_users_have_the_rows_of_one_user_with_all_events(events, cuts, at):
    """The merge comes after `at` of the events; later ones are the merged user's."""
    before, later = events[:at], as_one(events[at:])
    made = after(*in_batches(before, cuts), users=2) if before else Users(2)
    if made.entries[1] is None:
        return
    one = merged(made)
    if later:
        one.batch(*later, write=Write.ALL)
    together = as_one(events)
    assert_rows(one.tables.rows(), expected_rows(together))
    other = after(together)
    other.batch(write=Write.ALL)
    assert one.tables.users == other.tables.users
    assert one.entry().texts == other.entry().texts
    assert one.entry().undo_log == other.entry().undo_log


def test_sums_decay_to_the_newer_user_whichever_is_merged():
    # A like of weight 3 a day before one of weight 2: 3 / 2 + 2 in `day`, along both axes.
    older = Happening(0, NOON_MS - DAY_MS, 1, 3.0, "north")
    newer = Happening(1, NOON_MS, 2, 2.0, "east")
    for first, second in ((older, newer), (newer, older)):
        events = [
            Happening(**{**vars(first), "user": 0}),
            Happening(**{**vars(second), "user": 1}),
        ]
        day, weight, as_of = merged(after(events, users=2)).tables.rows()["day"]
        np.testing.assert_allclose(day, np.array([2.0, 1.5, 0, 0]) / 2.5, atol=1e-3)
        assert (weight, as_of) == (3.5, NOON_MS)


def test_the_newest_interactions_of_both_are_kept_within_the_bound():
    of_old = [Happening(1, NOON_MS + n * MINUTE_MS, n, 1.0, "east") for n in (0, 2, 4, 6)]
    of_new = [Happening(0, NOON_MS + n * MINUTE_MS, n, 1.0, "north") for n in (1, 3, 5, 7)]
    one = merged(after(of_old + of_new, users=2))
    record = unpack_records([one.entry()], one.settings.layout)
    assert record["ring_key"][0].tolist() == [7, 6, 5, 4]
    # The last four are of weight 1, within half an hour, two of each item.
    session, weight, _ = one.tables.rows()["session"]
    assert weight == 4.0
    np.testing.assert_allclose(session, np.array([1, 1, 0, 0]) / 2**0.5, atol=1e-3)


def test_what_one_user_liked_the_other_undid():
    of_old = Happening(**{**vars(like(1)), "user": 1})
    one = merged(after([of_old, unlike(2), like(3, "north")], users=2))
    kinds = ("recent", "session", "day", "month", "topics")
    assert one.tables.vectors() == {kind: list(NORTH) for kind in kinds}
    assert one.tables.rows()["month"][1] == 3.0
    # It stays counted as an event, and keeps its rank.
    assert one.tables.users[0][0] == 3


def test_an_undo_of_the_old_user_undoes_earlier_events_of_the_new_one_alone():
    of_old = Happening(**{**vars(unlike(2)), "user": 1})
    one = merged(after([like(1), like(3, weight=1.0), of_old], users=2))
    assert one.tables.rows()["session"][1] == 1.0


def test_of_ratings_of_both_the_last_counts():
    five, half_a_star = rating(1, NOON_MS, 1, 4.0), rating(0, NOON_MS + DAY_MS, 2, -3.2)
    one = merged(after([five, half_a_star], users=2))
    assert one.tables.vectors() == {"dislikes": list(EAST)}
    assert one.tables.rows()["dislikes"][1:] == (3.2, NOON_MS + DAY_MS)


def test_an_event_undone_by_the_merge_is_subtracted_with_the_items_current_vector():
    # Two likes of east, which becomes up: what is left of one is 3 east + 3 east - 3 up.
    of_old = [Happening(1, NOON_MS, 1, 3.0, "east"), Happening(**{**vars(like(0)), "user": 1})]
    made = after([*of_old, unlike(2)], users=2)
    made.catalogue.put("east", half(UP))
    month = merged(made).tables.vectors()["month"]
    np.testing.assert_allclose(month, np.array([2, 0, -1, 0]) / 5**0.5, atol=1e-3)


def test_a_user_without_state_takes_over_what_the_other_had():
    made = after([Happening(**{**vars(like(1)), "user": 1})], users=2)
    made.entries[0] = None
    one = merged(made)
    assert one.tables.users[0][:2] == (1, NOON_MS + MINUTE_MS)
    assert one.tables.vectors()["recent"] == list(EAST)


def test_versions_only_grow_and_event_ids_stay_with_the_new_user():
    made = after([like(1), Happening(**{**vars(like(2)), "user": 1})], users=2)
    keys = np.array([5, 6], dtype=np.uint64)
    known = known_ids(made.entries, 0)
    made.entries = with_new_ids(made.entries, known, keys, np.array([0, 1]), minute=3)
    before = unpack_records(made.entries, made.settings.layout)["version"]
    entry = merged(made).entry()
    assert known_ids([entry], 0).key.tolist() == [5]
    version = unpack_records([entry], made.settings.layout)["version"][0]
    assert version > before.max()


def test_the_undo_log_holds_the_newest_events_of_both():
    interest = INTEREST.model_copy(update={"undo_last_n": 2})
    of_old = [Happening(**{**vars(like(n)), "user": 1}) for n in (1, 4)]
    one = merged(after([*of_old, like(2), like(3)], users=2, interest=interest), interest)
    one.batch(unlike(5), write=Write.ALL)
    # Likes 3 and 4 are still known, so they are undone; 1 and 2 stay counted.
    assert one.tables.rows()["month"][1] > 5.9
    assert one.tables.rows()["session"][1] == 6.0


def test_users_without_windows_and_last_interactions_can_be_merged():
    off = {"last_n": 0, "half_lives_s": {}, "dislikes_half_life_s": 0, "topics_half_life_s": 0}
    interest = INTEREST.model_copy(update=off)
    of_old = Happening(**{**vars(like(1)), "user": 1})
    one = merged(after([of_old, like(2)], users=2, interest=interest), interest)
    assert one.tables.windows == {}
    assert one.tables.users[0][:2] == (2, NOON_MS + 2 * MINUTE_MS)
