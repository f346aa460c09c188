"""Deferred writes: which rows a batch writes now, and which later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.config import Interest
from jobs.core.interest.due_rows import Write
from jobs.core.interest.fold_settings import FoldSettings
from jobs.core.interest.folded import Folded
from tests.builders import (
    DAY_MS,
    EAST,
    NOON_MS,
    NORTH,
)
from tests.jobs.core.interest.fold_builders import (
    INTEREST,
    Happening,
    Users,
    after,
    histories,
    in_batches,
    like,
    unlike,
)

DEFERRING = Interest(last_n=4, slow_delay_s=5, slow_share=0.2)


def test_a_window_that_has_hardly_moved_waits_and_is_told_to_wait():
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=DEFERRING)
    later = made.batch(Happening(0, NOON_MS, 2, 1.0, "north"))
    assert {rows.kind for rows in later.windows} == {"recent", "session"}
    assert later.deferred.tolist() == [0]
    assert made.tables.vectors()["day"] == list(EAST)


@pytest.mark.parametrize(("weight", "written"), [(1.24, False), (1.26, True)])
def test_a_window_that_gained_a_fifth_of_its_weight_is_written_at_once(weight, written):
    # 5 + w: a fifth of it is w at w = 1.25.
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=DEFERRING)
    later = made.batch(Happening(0, NOON_MS, 2, weight, "east"))
    assert ({rows.kind for rows in later.windows} >= {"day", "month", "topics"}) == written


def test_a_window_may_be_asked_for_at_once():
    interest = DEFERRING.model_copy(update={"at_once": ("month", "dislikes")})
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=interest)
    later = made.batch(Happening(0, NOON_MS, 2, 0.1, "north"))
    # Dislikes have not changed.
    assert {rows.kind for rows in later.windows} == {"recent", "session", "month"}
    assert later.deferred.tolist() == [0]


# Three of 20 interactions are less than a fifth. The user's own row is due after a fifth of all
# events, five of 25, and the session is written with it.
LONG = Interest(last_n=20, slow_delay_s=5, slow_share=0.2, interest_half_life_events=1000)


def in_session(result: Folded) -> bool:
    return "session" in {rows.kind for rows in result.windows}


def test_a_session_that_has_hardly_moved_is_deferred_and_recent_is_written():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    for number in range(20, 23):
        later = made.batch(Happening(0, NOON_MS, number, 1.0, "north"))
        assert {rows.kind for rows in later.windows} == {"recent"}
        assert later.deferred.tolist() == [0]
    assert made.tables.vectors()["session"] == list(EAST)
    # Four of 20 interactions are a fifth.
    assert in_session(made.batch(Happening(0, NOON_MS, 23, 1.0, "north")))
    np.testing.assert_allclose(
        made.tables.vectors()["session"], (16 / 272**0.5, 4 / 272**0.5, 0.0, 0.0), atol=1e-3
    )


def test_a_deferred_session_is_written_with_the_other_deferred_rows():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    made.batch(Happening(0, NOON_MS, 20, 1.0, "north"))
    assert in_session(made.batch(write=Write.DEFERRED))
    written_at_once = after(
        [Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)],
        [Happening(0, NOON_MS, 20, 1.0, "north")],
        interest=LONG.model_copy(update={"slow_delay_s": 0}),
    )
    assert made.tables.vectors() == written_at_once.tables.vectors()
    assert not in_session(made.batch(write=Write.DEFERRED))


def test_a_new_session_is_written_at_once():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    assert in_session(made.batch(Happening(0, NOON_MS + DAY_MS, 20, 1.0, "north")))
    assert made.tables.vectors()["session"] == list(NORTH)


def test_the_session_may_be_configured_to_be_written_at_once():
    interest = LONG.model_copy(update={"at_once": ("session",)})
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=interest)
    assert in_session(made.batch(Happening(0, NOON_MS, 20, 1.0, "north")))


def test_an_undo_writes_the_session_at_once():
    made = after(
        [
            like(1, weight=0.5),
            *(Happening(0, NOON_MS + DAY_MS, n, 1.0, "north") for n in range(2, 21)),
        ],
        interest=LONG,
    )
    made.batch(unlike(30))
    assert made.tables.vectors()["session"] == list(NORTH)


def test_impressions_write_no_session():
    made = after([Happening(0, NOON_MS, 1, 0.0, "east")], interest=LONG)
    assert made.tables.windows.keys() == set()


def test_small_gains_add_up_until_they_are_written():
    made = after([Happening(0, NOON_MS, 0, 10.0, "east")], interest=DEFERRING)
    written = []
    for number in range(1, 7):
        later = made.batch(Happening(0, NOON_MS, number, 0.5, "north"))
        written.append("day" in {rows.kind for rows in later.windows})
    # The gain n/2 is a fifth of 10 + n/2 from n = 5 on.
    assert written == [False, False, False, False, True, False]


def test_the_users_own_row_is_deferred_while_few_events_are_new():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(10)], interest=DEFERRING)
    assert made.tables.users[0][0] == 10
    later = [made.batch(Happening(0, NOON_MS, 10 + n, 0.0, "east")) for n in range(4)]
    # New events: 1 of 11, 2 of 12, 3 of 13, of which a fifth is 2.6.
    assert [result.written_users.tolist() for result in later] == [[], [], [0], []]
    assert made.tables.users[0][0] == 13


def test_the_share_of_a_long_history_is_capped_at_the_memory_of_the_interests():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(1000)], interest=DEFERRING)
    later = [made.batch(Happening(0, NOON_MS, 1000 + n, 0.0, "east")) for n in range(4)]
    # A fifth of 12 / ln 2 is 3.46.
    assert [result.written_users.tolist() for result in later] == [[], [], [], [0]]


def test_an_undo_counts_as_a_gain_of_weight():
    made = after([like(1)], [Happening(0, NOON_MS, 9, 0.2, "north")], interest=DEFERRING)
    assert "day" in {rows.kind for rows in made.batch(unlike(2)).windows}
    np.testing.assert_allclose(made.tables.vectors()["month"], NORTH, atol=1e-3)


def test_an_emptied_window_is_deleted_at_once():
    made = after([like(1), Happening(0, NOON_MS, 9, 100.0, "north")], interest=DEFERRING)
    made.batch(like(2, "up", weight=-3.0))
    later = made.batch(unlike(3, "up"))
    assert "dislikes" in {rows.kind for rows in later.windows}
    assert "dislikes" not in made.tables.vectors()


def test_write_deferred_writes_the_deferred_rows_and_no_others():
    made = after(
        [Happening(0, NOON_MS, 1, 5.0, "east"), Happening(1, NOON_MS, 2, 5.0, "east")], users=2
    )
    made.settings = FoldSettings.of(DEFERRING, 4)
    made.batch(Happening(1, NOON_MS, 3, 1.0, "north"))
    written = made.batch(write=Write.DEFERRED)
    assert {(rows.kind, *rows.user.tolist()) for rows in written.windows} == {
        ("day", 1),
        ("month", 1),
        ("topics", 1),
    }
    # The second event is more than a fifth, so the user's own row was not deferred.
    assert written.written_users.tolist() == []
    assert written.deferred.tolist() == []
    again = made.batch(write=Write.DEFERRED)
    assert (again.windows, again.written_users.tolist(), again.entries) == ([], [], made.entries)


@settings(max_examples=100, deadline=None)
@given(
    histories,
    st.lists(st.integers(0, 99), max_size=6),
    st.lists(st.integers(0, 99), max_size=2),
    st.sampled_from([0.0, 0.2, 1e9]),
)
def test_after_all_deferred_writes_the_rows_are_those_without_deferring(
    events, cuts, deferred_writes, slow_share
):
    interest = INTEREST.model_copy(update={"slow_delay_s": 5.0, "slow_share": slow_share})
    made = Users(2, settings=FoldSettings.of(interest, 4))
    batches = in_batches(events, cuts)
    for number, batch in enumerate(batches):
        made.batch(*batch)
        if number in {index % len(batches) for index in deferred_writes}:
            made.batch(write=Write.DEFERRED)
    last = made.batch(write=Write.DEFERRED)
    assert not last.deferred.size
    written_at_once = after(*batches, users=2)
    assert made.tables.windows.keys() == written_at_once.tables.windows.keys()
    for key, (unit, weight, as_of) in written_at_once.tables.windows.items():
        found = made.tables.windows[key]
        assert (found[0].tolist(), *found[1:]) == (unit.tolist(), weight, as_of)
    for user in {event.user for event in events}:
        assert made.tables.users[user] == written_at_once.tables.users[user]
