"""The undo log: events of any order, in any batches, compared with the definition of the set."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.undo import UNDO_ENTRY, UndoLog, undo

LIKE, CART, RATING = 5, 62, 17
UNLIMITED = 1000


class Logged(NamedTuple):
    """An event of an undo log; one that undoes others and has a weight replaces them."""

    user: int
    ref: int
    bit: int
    ms: int
    key: int
    undoes: bool
    weight: float = 1.5


def log_of(events: list[Logged]) -> tuple[UndoLog, NDArray[np.intp]]:
    log = np.zeros(len(events), dtype=UNDO_ENTRY)
    for index, event in enumerate(events):
        log[index] = (
            event.ref,
            event.key,
            event.ms,
            event.weight,
            event.bit,
            event.undoes,
            False,
        )
    return log, np.array([event.user for event in events], dtype=np.intp)


def undoes(other: Logged, one: Logged) -> bool:
    """Whether an event undoes another one by the definition in docs/contract.md."""
    return (
        other.undoes
        and (other.user, other.ref, other.bit) == (one.user, one.ref, one.bit)
        and (other.ms, other.key) > (one.ms, one.key)
    )


def first_undo(events: Sequence[Logged], one: Logged) -> int:
    """The index of the first event that undoes another one."""
    return next(index for index, other in enumerate(events) if undoes(other, one))


def undone_keys(events: list[Logged]) -> set[int]:
    """Keys of the undone events; a mere undo has nothing to undo."""
    return {
        one.key
        for one in events
        if (one.weight or not one.undoes) and any(undoes(other, one) for other in events)
    }


class History:
    """Batches of events one after another, with the logs that the fold keeps between them."""

    def __init__(self, users: int, keep: int = UNLIMITED) -> None:
        self.kept = [b""] * users
        self.keep = keep
        self.undone: list[int] = []
        """Keys of events of former batches that were undone, in the order of their undoing."""
        self.undone_early: list[int] = []
        """Keys of events that were undone before they arrived."""
        self.former: list[Logged] = []

    def batch(self, *events: Logged) -> None:
        new, user = log_of(list(events))
        result = undo(self.kept, new, user, self.keep)
        for index, by in zip(
            result.undone_early.tolist(), result.undone_early_by.tolist(), strict=True
        ):
            self.undone_early.append(int(new["key"][index]))
            before = any(undoes(other, events[index]) for other in self.former)
            assert by == (-1 if before else first_undo(events, events[index]))
        known = {event.key: event for event in self.former}
        for row, owner, by in zip(
            result.undone, result.undone_user.tolist(), result.undone_by.tolist(), strict=True
        ):
            one = known[int(row["key"])]
            assert (owner, row["weight"]) == (one.user, one.weight)
            assert by == first_undo(events, one)
            self.undone.append(one.key)
        self.kept = result.kept
        self.former += events


def read(kept: bytes) -> UndoLog:
    return np.frombuffer(kept, dtype=UNDO_ENTRY)


histories = st.lists(
    st.builds(
        Logged,
        st.integers(0, 1),
        st.sampled_from([7, 2**64 - 1]),
        st.sampled_from([LIKE, CART]),
        st.integers(1000, 1003),
        st.one_of(st.integers(0, 9), st.integers(2**63, 2**63 + 9)),
        st.booleans(),
        st.sampled_from([1.5, -3.2, 0.0]),
    ),
    max_size=14,
    unique_by=lambda event: event.key,
)


@settings(max_examples=200, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=4))
def test_in_any_order_and_batches_each_undone_event_is_undone_once(events, random, cuts):
    random.shuffle(events)
    history = History(users=2)
    ends = sorted({cut % (len(events) + 1) for cut in cuts} | {len(events)})
    for start, end in zip([0, *ends], ends, strict=False):
        if end > start:
            history.batch(*events[start:end])
    assert sorted(history.undone + history.undone_early) == sorted(undone_keys(events))
    for user in (0, 1):
        expected = sorted(
            (event for event in events if event.user == user),
            key=lambda event: (event.ms, event.key),
        )
        kept = read(history.kept[user])
        assert kept["key"].tolist() == [event.key for event in expected]
        assert kept["undone"].tolist() == [event.key in undone_keys(events) for event in expected]


def like(key: int, ms: int, ref: int = 7) -> Logged:
    return Logged(0, ref, LIKE, ms, key, False)


def unlike(key: int, ms: int, ref: int = 7) -> Logged:
    return Logged(0, ref, LIKE, ms, key, True, 0.0)


def rating(key: int, ms: int, weight: float = 4.0, ref: int = 7) -> Logged:
    return Logged(0, ref, RATING, ms, key, True, weight)


def test_an_unlike_undoes_all_likes_before_it_and_none_after_it():
    history = History(users=1)
    history.batch(like(1, 1000), like(2, 2000), like(4, 4000))
    history.batch(unlike(3, 3000))
    assert (history.undone, history.undone_early) == ([1, 2], [])


def test_a_like_that_arrives_after_its_unlike_is_undone_early():
    history = History(users=1)
    history.batch(unlike(3, 3000))
    history.batch(like(1, 1000), like(4, 4000))
    assert (history.undone, history.undone_early) == ([], [1])


def test_at_the_same_time_the_unsigned_key_decides():
    history = History(users=1)
    history.batch(like(2**63, 1000), like(5, 1000), unlike(6, 1000))
    assert history.undone_early == [5]


def test_events_of_other_items_actions_and_users_are_not_undone():
    history = History(users=2)
    history.batch(
        like(1, 1000, ref=8),
        Logged(0, 7, CART, 1000, 2, False),
        Logged(1, 7, LIKE, 1000, 3, False),
        unlike(9, 2000),
    )
    assert history.undone == history.undone_early == []


def test_a_second_unlike_does_not_undo_an_event_again():
    history = History(users=1)
    history.batch(like(1, 1000))
    history.batch(unlike(2, 2000))
    history.batch(unlike(3, 3000))
    assert history.undone == [1]


def test_the_newest_events_by_time_and_key_are_kept_in_any_order_of_arrival():
    history = History(users=2, keep=2)
    history.batch(like(1, 3000), like(2, 2000), Logged(1, 7, LIKE, 1, 9, False))
    history.batch(like(3, 1000), like(4, 3000))
    assert [read(kept)["key"].tolist() for kept in history.kept] == [[1, 4], [9]]


def test_an_event_that_is_no_longer_kept_cannot_be_undone():
    history = History(users=1, keep=2)
    history.batch(like(1, 1000))
    history.batch(like(2, 2000, ref=8), like(3, 3000, ref=9))
    history.batch(unlike(4, 4000))
    assert history.undone == []
    assert read(history.kept[0])["key"].tolist() == [3, 4]


def test_an_event_of_the_log_has_the_documented_size():
    assert UNDO_ENTRY.itemsize == 35


def test_a_rating_replaces_the_one_before_it_and_counts_until_the_next():
    history = History(users=1)
    history.batch(rating(1, 1000))
    history.batch(rating(2, 2000, -3.2))
    history.batch(rating(3, 3000, 2.4))
    assert (history.undone, history.undone_early) == ([1, 2], [])
    assert read(history.kept[0])["undone"].tolist() == [True, True, False]


def test_a_rating_that_arrives_after_a_later_one_never_counts():
    history = History(users=1)
    history.batch(rating(2, 2000, -3.2))
    history.batch(rating(1, 1000))
    assert (history.undone, history.undone_early) == ([], [1])


def test_of_ratings_at_the_same_time_the_one_with_the_largest_key_counts():
    history = History(users=1)
    history.batch(rating(2**63, 1000), rating(5, 1000), rating(6, 1000))
    assert sorted(history.undone_early) == [5, 6]


def test_a_rating_without_weight_takes_the_former_one_back_and_leaves_nothing_to_undo():
    history = History(users=1)
    history.batch(rating(1, 1000))
    history.batch(rating(2, 2000, 0.0))
    history.batch(rating(3, 3000))
    assert (history.undone, history.undone_early) == ([1], [])


def test_a_log_of_ratings_that_were_read_in_any_order_is_ordered():
    history = History(users=3, keep=3)
    # Of the first user all are newer, of the second some, the third had none.
    at = [(0, 2), (0, 3), (1, 2), (1, 5)]
    history.batch(*(Logged(user, 7, LIKE, ms, ms, False) for user, ms in at))
    at = [(0, 5), (0, 4), (1, 4), (1, 1), (1, 3), (2, 9), (2, 8)]
    history.batch(*(Logged(user, 8, LIKE, ms, ms, False) for user, ms in at))
    kept = [read(log)["ms"].tolist() for log in history.kept]
    assert kept == [[3, 4, 5], [3, 4, 5], [8, 9]]
