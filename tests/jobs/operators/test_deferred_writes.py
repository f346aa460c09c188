"""Deferred writes: every user once, not early, none lost, and at most 52 entries in the state."""

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


def test_a_listed_user_keeps_the_first_due_time():
    due, _ = made()
    due.add(BUCKET, ["ada"], NOON_MS)
    first = due.next_ms(BUCKET)
    due.add(BUCKET, ["ada", "bob"], NOON_MS + 3 * STEP_MS)
    assert due.size(BUCKET) == 2
    assert due.take(BUCKET, first, 10) == ["ada"]
    assert due.size(BUCKET) == 1
    due.add(BUCKET, ["ada"], first)
    assert sorted(due.take(BUCKET, first + 2 * DELAY_MS, 10)) == ["ada", "bob"]


def test_at_most_limit_users_are_taken_and_the_others_stay_due():
    due, cells = made()
    for number in range(7):
        due.add(BUCKET, [f"u{number}"], NOON_MS + number * STEP_MS)
    due.add(BUCKET, ["u7", "u8"], NOON_MS)
    late = NOON_MS + 3 * DELAY_MS
    taken = []
    while due.size(BUCKET):
        assert due.next_ms(BUCKET) <= late
        taken_now = due.take(BUCKET, late, 2)
        assert 1 <= len(taken_now) <= 2
        taken += taken_now
    assert sorted(taken) == [f"u{number}" for number in range(9)]
    assert cells == {}


def test_a_removed_user_is_never_due_and_leaves_the_state():
    due, cells = made()
    due.add(BUCKET, ["ada", "bob"], NOON_MS)
    due.remove(BUCKET, "ada")
    due.remove(BUCKET, "bob unlisted")
    assert due.size(BUCKET) == 1
    assert not [packed for packed in cells.values() if b"ada" in packed]
    assert due.take(BUCKET, NOON_MS + 2 * DELAY_MS, 10) == ["bob"]
    due.add(BUCKET, ["ada"], NOON_MS)
    assert due.size(BUCKET) == 1


def test_after_a_start_the_list_is_read_from_the_state():
    due, cells = made()
    due.add(BUCKET, ["ada", "bob"], NOON_MS)
    again, _ = made(cells)
    assert (again.size(BUCKET), again.next_ms(BUCKET)) == (2, due.next_ms(BUCKET))
    again.add(BUCKET, ["ada"], NOON_MS + 4 * STEP_MS)
    assert again.take(BUCKET, due.next_ms(BUCKET), 10) == ["ada", "bob"]


def test_the_number_of_entries_is_bounded_for_any_number_of_changes():
    due, cells = made()
    for ms in range(0, 10 * DELAY_MS, 7):
        due.add(BUCKET, [f"u{ms}"], NOON_MS + ms)
        due.take(BUCKET, NOON_MS + ms, 10_000)
        assert len(cells) <= 52
        # One user every 7 ms, over one delay and one step.
        assert due.size(BUCKET) <= (DELAY_MS + STEP_MS) // 7 + 1


def test_without_a_delay_a_user_is_due_within_the_shortest_step():
    due, _ = made(delay_ms=0)
    due.add(BUCKET, ["ada"], NOON_MS + 1)
    assert NOON_MS < due.next_ms(BUCKET) <= NOON_MS + 51


calls = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abcdef")),
        st.tuples(st.just("remove"), st.sampled_from("abcdef")),
        st.tuples(st.just("wait"), st.integers(1, 2 * DELAY_MS)),
        st.tuples(st.just("restart"), st.just("")),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(calls, st.integers(1, 3))
def test_after_any_calls_every_user_is_taken_once_and_in_time(calls, limit):
    due, cells = made()
    now_ms, listed_ms = NOON_MS, dict[str, int]()
    for call, argument in calls:
        if call == "add":
            due.add(BUCKET, [str(argument)], now_ms)
            listed_ms.setdefault(str(argument), now_ms)
        elif call == "remove":
            due.remove(BUCKET, str(argument))
            listed_ms.pop(str(argument), None)
        elif call == "restart":
            due, _ = made(cells)
        else:
            now_ms += int(argument)
            while taken := due.take(BUCKET, now_ms, limit):
                assert len(taken) <= limit
                for user in taken:
                    assert now_ms - listed_ms.pop(user) >= DELAY_MS
            assert all(now_ms - at_ms < DELAY_MS + STEP_MS for at_ms in listed_ms.values())
        assert due.size(BUCKET) == len(listed_ms)
        assert (due.next_ms(BUCKET) > 0) == bool(listed_ms)
