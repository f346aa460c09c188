"""The due list: everybody once, not before time, none lost; no more entries than fifty a delay."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.operators.deferred_writes import DeferredWrites
from tests.builders import NOON_MS
from tests.fakes.keyed_context import Cells, FakeMapState

BUCKET = 0
DELAY_MS = 5_000
STEP_MS = DELAY_MS // 50


def made(cells: Cells | None = None, delay_ms: int = DELAY_MS) -> tuple[DeferredWrites, Cells]:
    kept: Cells = {} if cells is None else cells
    return DeferredWrites(FakeMapState(lambda: kept), delay_ms), kept


def test_a_user_is_due_after_the_delay_and_at_most_a_step_later():
    due, _ = made()
    due.add(BUCKET, ["ada"], NOON_MS + 1)
    assert NOON_MS + 1 + DELAY_MS <= due.next_ms(BUCKET) <= NOON_MS + 1 + DELAY_MS + STEP_MS
    assert due.take(BUCKET, due.next_ms(BUCKET) - 1, 10) == []
    assert due.take(BUCKET, due.next_ms(BUCKET), 10) == ["ada"]
    assert (due.size(BUCKET), due.next_ms(BUCKET)) == (0, 0)


def test_whoever_is_on_the_list_stays_at_the_first_time():
    due, _ = made()
    due.add(BUCKET, ["ada"], NOON_MS)
    first = due.next_ms(BUCKET)
    due.add(BUCKET, ["ada", "bob"], NOON_MS + 3 * STEP_MS)
    assert due.size(BUCKET) == 2
    assert due.take(BUCKET, first, 10) == ["ada"]
    assert due.size(BUCKET) == 1
    due.add(BUCKET, ["ada"], first)
    assert sorted(due.take(BUCKET, first + 2 * DELAY_MS, 10)) == ["ada", "bob"]


def test_no_more_leave_at_once_than_may_and_the_rest_is_due_next():
    due, cells = made()
    for number in range(7):
        due.add(BUCKET, [f"u{number}"], NOON_MS + number * STEP_MS)
    due.add(BUCKET, ["u7", "u8"], NOON_MS)
    late = NOON_MS + 3 * DELAY_MS
    taken = []
    while due.size(BUCKET):
        assert due.next_ms(BUCKET) <= late
        some = due.take(BUCKET, late, 2)
        assert 1 <= len(some) <= 2
        taken += some
    assert sorted(taken) == [f"u{number}" for number in range(9)]
    assert cells == {}


def test_who_is_taken_out_is_never_due_and_stands_nowhere():
    due, cells = made()
    due.add(BUCKET, ["ada", "bob"], NOON_MS)
    due.remove(BUCKET, "ada")
    due.remove(BUCKET, "nobody")
    assert due.size(BUCKET) == 1
    assert not [packed for packed in cells.values() if b"ada" in packed]
    assert due.take(BUCKET, NOON_MS + 2 * DELAY_MS, 10) == ["bob"]
    due.add(BUCKET, ["ada"], NOON_MS)
    assert due.size(BUCKET) == 1


def test_after_a_start_the_list_is_what_the_state_holds():
    due, cells = made()
    due.add(BUCKET, ["ada", "bob"], NOON_MS)
    again, _ = made(cells)
    assert (again.size(BUCKET), again.next_ms(BUCKET)) == (2, due.next_ms(BUCKET))
    again.add(BUCKET, ["ada"], NOON_MS + 4 * STEP_MS)
    assert again.take(BUCKET, due.next_ms(BUCKET), 10) == ["ada", "bob"]


def test_however_many_changes_there_are_the_entries_are_few():
    due, cells = made()
    for ms in range(0, 10 * DELAY_MS, 7):
        due.add(BUCKET, [f"u{ms}"], NOON_MS + ms)
        due.take(BUCKET, NOON_MS + ms, 10_000)
        assert len(cells) <= 52
        # Those of one delay, one step and one turn.
        assert due.size(BUCKET) <= (DELAY_MS + STEP_MS) // 7 + 1


def test_a_delay_of_no_time_is_due_within_the_shortest_step():
    due, _ = made(delay_ms=0)
    due.add(BUCKET, ["ada"], NOON_MS + 1)
    assert NOON_MS < due.next_ms(BUCKET) <= NOON_MS + 51


turns = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abcdef")),
        st.tuples(st.just("remove"), st.sampled_from("abcdef")),
        st.tuples(st.just("wait"), st.integers(1, 2 * DELAY_MS)),
        st.tuples(st.just("restart"), st.just("")),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(turns, st.integers(1, 3))
def test_in_any_turns_everybody_leaves_once_in_time(turns, at_most):
    due, cells = made()
    now_ms, since = NOON_MS, dict[str, int]()
    for turn, about in turns:
        if turn == "add":
            due.add(BUCKET, [str(about)], now_ms)
            since.setdefault(str(about), now_ms)
        elif turn == "remove":
            due.remove(BUCKET, str(about))
            since.pop(str(about), None)
        elif turn == "restart":
            due, _ = made(cells)
        else:
            now_ms += int(about)
            while taken := due.take(BUCKET, now_ms, at_most):
                assert len(taken) <= at_most
                for user in taken:
                    assert now_ms - since.pop(user) >= DELAY_MS
            assert all(now_ms - at < DELAY_MS + STEP_MS for at in since.values())
        assert due.size(BUCKET) == len(since)
        assert (due.next_ms(BUCKET) > 0) == bool(since)
