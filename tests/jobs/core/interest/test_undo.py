"""What users undo: whatever the order and the batches, what the definition says of the set."""

from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.core.interest.undo import UNDO_ENTRY, UndoLog, undo

LIKE, CART = 5, 62
PLENTY = 1000


class Mark(NamedTuple):
    user: int
    ref: int
    bit: int
    ms: int
    key: int
    undoes: bool


def marks_of(marks: list[Mark]) -> tuple[UndoLog, NDArray[np.intp]]:
    rows = np.zeros(len(marks), dtype=UNDO_ENTRY)
    for index, mark in enumerate(marks):
        rows[index] = (mark.ref, mark.key, mark.ms, 1.5, mark.bit, mark.undoes, False)
    return rows, np.array([mark.user for mark in marks], dtype=np.intp)


def undone(marks: list[Mark]) -> set[int]:
    """Keys of what is taken back, by the definition in docs/contract.md."""
    return {
        one.key
        for one in marks
        if not one.undoes
        and any(
            other.undoes
            and (other.user, other.ref, other.bit) == (one.user, one.ref, one.bit)
            and (other.ms, other.key) > (one.ms, one.key)
            for other in marks
        )
    }


class History:
    """Batches of marks one after another, as the fold keeps them."""

    def __init__(self, users: int, keep: int = PLENTY) -> None:
        self.kept = [b""] * users
        self.keep = keep
        self.back: list[int] = []
        """Keys of former batches that were taken back, in the order in which that happened."""
        self.late: list[int] = []
        """Keys that were taken back before they came."""

    def batch(self, *marks: Mark) -> None:
        new, user = marks_of(list(marks))
        found = undo(self.kept, new, user, self.keep)
        for place in found.undone_early.tolist():
            self.late.append(int(new["key"][place]))
        of_key = {int(row["key"]): u for u, kept in enumerate(self.kept) for row in read(kept)}
        for row, owner in zip(found.undone, found.undone_user.tolist(), strict=True):
            assert of_key[int(row["key"])] == owner
            assert row["weight"] == 1.5
            self.back.append(int(row["key"]))
        self.kept = found.kept


def read(kept: bytes) -> UndoLog:
    return np.frombuffer(kept, dtype=UNDO_ENTRY)


marks = st.lists(
    st.builds(
        Mark,
        st.integers(0, 1),
        st.sampled_from([7, 2**64 - 1]),
        st.sampled_from([LIKE, CART]),
        st.integers(1000, 1003),
        st.one_of(st.integers(0, 9), st.integers(2**63, 2**63 + 9)),
        st.booleans(),
    ),
    max_size=14,
    unique_by=lambda mark: mark.key,
)


@settings(max_examples=200, deadline=None)
@given(marks, st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=4))
def test_in_any_order_and_any_batches_each_is_taken_back_once_as_the_definition_says(
    told, random, places
):
    random.shuffle(told)
    history = History(users=2)
    ends = sorted({place % (len(told) + 1) for place in places} | {len(told)})
    for start, end in zip([0, *ends], ends, strict=False):
        if end > start:
            history.batch(*told[start:end])
    assert sorted(history.back + history.late) == sorted(undone(told))
    for user in (0, 1):
        mine = sorted(
            (mark for mark in told if mark.user == user), key=lambda mark: (mark.ms, mark.key)
        )
        kept = read(history.kept[user])
        assert kept["key"].tolist() == [mark.key for mark in mine]
        assert kept["taken"].tolist() == [mark.key in undone(told) for mark in mine]


def like(key: int, ms: int, ref: int = 7) -> Mark:
    return Mark(0, ref, LIKE, ms, key, False)


def unlike(key: int, ms: int, ref: int = 7) -> Mark:
    return Mark(0, ref, LIKE, ms, key, True)


def test_an_unlike_takes_back_all_likes_before_it_and_none_after_it():
    history = History(users=1)
    history.batch(like(1, 1000), like(2, 2000), like(4, 4000))
    history.batch(unlike(3, 3000))
    assert (history.back, history.late) == ([1, 2], [])


def test_a_like_that_comes_after_its_unlike_is_taken_back_as_it_comes():
    history = History(users=1)
    history.batch(unlike(3, 3000))
    history.batch(like(1, 1000), like(4, 4000))
    assert (history.back, history.late) == ([], [1])


def test_at_the_same_time_the_key_decides_unsigned():
    history = History(users=1)
    history.batch(like(2**63, 1000), like(5, 1000), unlike(6, 1000))
    assert history.late == [5]


def test_other_items_actions_and_users_are_left_alone():
    history = History(users=2)
    history.batch(
        like(1, 1000, ref=8),
        Mark(0, 7, CART, 1000, 2, False),
        Mark(1, 7, LIKE, 1000, 3, False),
        unlike(9, 2000),
    )
    assert history.back == history.late == []


def test_an_unlike_undoes_nothing_twice():
    history = History(users=1)
    history.batch(like(1, 1000))
    history.batch(unlike(2, 2000))
    history.batch(unlike(3, 3000))
    assert history.back == [1]


def test_the_newest_are_kept_by_time_and_key_whichever_came_last():
    history = History(users=2, keep=2)
    history.batch(like(1, 3000), like(2, 2000), Mark(1, 7, LIKE, 1, 9, False))
    history.batch(like(3, 1000), like(4, 3000))
    assert [read(kept)["key"].tolist() for kept in history.kept] == [[1, 4], [9]]


def test_what_is_too_old_to_be_kept_can_no_longer_be_undone():
    history = History(users=1, keep=2)
    history.batch(like(1, 1000))
    history.batch(like(2, 2000, ref=8), like(3, 3000, ref=9))
    history.batch(unlike(4, 4000))
    assert history.back == []
    assert read(history.kept[0])["key"].tolist() == [3, 4]


def test_a_mark_has_the_size_that_the_user_store_tells():
    assert UNDO_ENTRY.itemsize == 35
