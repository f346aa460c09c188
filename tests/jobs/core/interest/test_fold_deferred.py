"""Deferred rows: which rows a batch writes now, and which later."""

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

LAZY = Interest(last_n=4, slow_delay_s=5, slow_share=0.2)


LAZILY = ("day", "month", "topics", "dislikes")


def test_a_window_that_has_hardly_moved_waits_and_is_told_to_wait():
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=LAZY)
    later = made.batch(Happening(0, NOON_MS, 2, 1.0, "north"))
    assert {rows.kind for rows in later.windows} == {"recent", "session"}
    assert later.waiting.tolist() == [0]
    assert made.tables.vectors()["day"] == list(EAST)


@pytest.mark.parametrize(("weight", "written"), [(1.24, False), (1.26, True)])
def test_a_window_that_gained_a_fifth_of_its_weight_is_written_at_once(weight, written):
    # 5 + w: a fifth of it is w at w = 1.25.
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=LAZY)
    later = made.batch(Happening(0, NOON_MS, 2, weight, "east"))
    assert ({rows.kind for rows in later.windows} >= {"day", "month", "topics"}) == written


def test_a_window_may_be_asked_for_at_once():
    interest = LAZY.model_copy(update={"at_once": ("month", "dislikes")})
    made = after([Happening(0, NOON_MS, 1, 5.0, "east")], interest=interest)
    later = made.batch(Happening(0, NOON_MS, 2, 0.1, "north"))
    # Dislikes have not changed.
    assert {rows.kind for rows in later.windows} == {"recent", "session", "month"}
    assert later.waiting.tolist() == [0]


# Of 20 interactions three are less than a fifth. The user's own row, which brings the session
# along, needs a fifth of all events: five of 25.
LONG = Interest(last_n=20, slow_delay_s=5, slow_share=0.2, interest_half_life_events=1000)


def in_session(result: Folded) -> bool:
    return "session" in {rows.kind for rows in result.windows}


def test_a_session_that_has_hardly_moved_waits_and_recent_does_not():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    for number in range(20, 23):
        later = made.batch(Happening(0, NOON_MS, number, 1.0, "north"))
        assert {rows.kind for rows in later.windows} == {"recent"}
        assert later.waiting.tolist() == [0]
    assert made.tables.vectors()["session"] == list(EAST)
    # The fourth of 20 is a fifth.
    assert in_session(made.batch(Happening(0, NOON_MS, 23, 1.0, "north")))
    np.testing.assert_allclose(
        made.tables.vectors()["session"], (16 / 272**0.5, 4 / 272**0.5, 0.0, 0.0), atol=1e-3
    )


def test_a_session_that_waits_is_written_with_the_rows_that_wait():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    made.batch(Happening(0, NOON_MS, 20, 1.0, "north"))
    assert in_session(made.batch(write=Write.DEFERRED))
    at_once = after(
        [Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)],
        [Happening(0, NOON_MS, 20, 1.0, "north")],
        interest=LONG.model_copy(update={"slow_delay_s": 0}),
    )
    assert made.tables.vectors() == at_once.tables.vectors()
    assert not in_session(made.batch(write=Write.DEFERRED))


def test_a_new_session_is_written_at_once():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=LONG)
    assert in_session(made.batch(Happening(0, NOON_MS + DAY_MS, 20, 1.0, "north")))
    assert made.tables.vectors()["session"] == list(NORTH)


def test_a_session_may_be_asked_for_at_once():
    interest = LONG.model_copy(update={"at_once": ("session",)})
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(20)], interest=interest)
    assert in_session(made.batch(Happening(0, NOON_MS, 20, 1.0, "north")))


def test_what_was_taken_back_leaves_the_session_at_once():
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
    made = after([Happening(0, NOON_MS, 0, 10.0, "east")], interest=LAZY)
    told = []
    for number in range(1, 7):
        later = made.batch(Happening(0, NOON_MS, number, 0.5, "north"))
        told.append("day" in {rows.kind for rows in later.windows})
    # 10 + n/2 against 5 * n/2: from n = 5 on.
    assert told == [False, False, False, False, True, False]


def test_the_users_own_row_waits_as_long_as_few_events_are_new():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(10)], interest=LAZY)
    assert made.tables.users[0][0] == 10
    later = [made.batch(Happening(0, NOON_MS, 10 + n, 0.0, "east")) for n in range(4)]
    # 1 of 11, 2 of 12, 3 of 13 (and a fifth is 2.6).
    assert [result.written_users.tolist() for result in later] == [[], [], [0], []]
    assert made.tables.users[0][0] == 13


def test_of_many_events_no_more_count_than_the_interests_can_see():
    made = after([Happening(0, NOON_MS, n, 1.0, "east") for n in range(1000)], interest=LAZY)
    later = [made.batch(Happening(0, NOON_MS, 1000 + n, 0.0, "east")) for n in range(4)]
    # A fifth of 12 / ln 2 is 3.46.
    assert [result.written_users.tolist() for result in later] == [[], [], [], [0]]


def test_taking_back_counts_as_moving():
    made = after([like(1)], [Happening(0, NOON_MS, 9, 0.2, "north")], interest=LAZY)
    assert "day" in {rows.kind for rows in made.batch(unlike(2)).windows}
    np.testing.assert_allclose(made.tables.vectors()["month"], NORTH, atol=1e-3)


def test_an_emptied_window_is_never_late():
    made = after([like(1), Happening(0, NOON_MS, 9, 100.0, "north")], interest=LAZY)
    made.batch(like(2, "up", weight=-3.0))
    later = made.batch(unlike(3, "up"))
    assert "dislikes" in {rows.kind for rows in later.windows}
    assert "dislikes" not in made.tables.vectors()


def test_the_waiting_rows_and_no_others_are_written_when_asked_for():
    made = after(
        [Happening(0, NOON_MS, 1, 5.0, "east"), Happening(1, NOON_MS, 2, 5.0, "east")], users=2
    )
    made.settings = FoldSettings.of(LAZY, 4)
    made.batch(Happening(1, NOON_MS, 3, 1.0, "north"))
    flushed = made.batch(write=Write.DEFERRED)
    assert {(rows.kind, *rows.user.tolist()) for rows in flushed.windows} == {
        ("day", 1),
        ("month", 1),
        ("topics", 1),
    }
    # One event more than one is enough for the user's own row, so it did not wait.
    assert flushed.written_users.tolist() == []
    assert flushed.waiting.tolist() == []
    again = made.batch(write=Write.DEFERRED)
    assert (again.windows, again.written_users.tolist(), again.entries) == ([], [], made.entries)


@settings(max_examples=100, deadline=None)
@given(
    histories,
    st.lists(st.integers(0, 99), max_size=6),
    st.lists(st.integers(0, 99), max_size=2),
    st.sampled_from([0.0, 0.2, 1e9]),
)
def test_once_everything_that_waits_is_written_nobody_can_tell_that_it_waited(
    events, places, flushes, slow_share
):
    interest = INTEREST.model_copy(update={"slow_delay_s": 5.0, "slow_share": slow_share})
    made = Users(2, settings=FoldSettings.of(interest, 4))
    batches = in_batches(events, places)
    for number, batch in enumerate(batches):
        made.batch(*batch)
        if number in {place % len(batches) for place in flushes}:
            made.batch(write=Write.DEFERRED)
    last = made.batch(write=Write.DEFERRED)
    assert not last.waiting.size
    at_once = after(*batches, users=2)
    assert made.tables.windows.keys() == at_once.tables.windows.keys()
    for place, (unit, weight, as_of) in at_once.tables.windows.items():
        found = made.tables.windows[place]
        assert (found[0].tolist(), *found[1:]) == (unit.tolist(), weight, as_of)
    for user in {event.user for event in events}:
        assert made.tables.users[user] == at_once.tables.users[user]
