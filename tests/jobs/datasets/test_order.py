"""Order by time, and a disorder that knows its bound."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.datasets.dataset import Line
from jobs.datasets.order import by_time, event_time_ms, shuffled

NOON = 1_700_000_000_000

offsets = st.lists(st.integers(0, 5_000), max_size=60)


def _events(times: list[int]) -> list[Line]:
    return [{"event_id": n, "event_time": NOON + time} for n, time in enumerate(times)]


@given(offsets, st.integers(0, 2_000), st.integers(0, 99))
def test_a_shuffle_neither_loses_nor_invents_events(
    times: list[int], lateness_ms: int, seed: int
) -> None:
    events = by_time(_events(times))
    shuffled_events = list(shuffled(events, lateness_ms, seed))
    assert sorted(map(str, shuffled_events)) == sorted(map(str, events))


@given(offsets, st.integers(0, 2_000), st.integers(0, 99))
def test_no_event_is_overtaken_by_one_that_is_newer_by_more_than_the_lateness(
    times: list[int], lateness_ms: int, seed: int
) -> None:
    newest = 0
    for event in shuffled(by_time(_events(times)), lateness_ms, seed):
        time_ms = event_time_ms(event) or 0
        newest = max(newest, time_ms)
        assert newest - time_ms <= lateness_ms


@given(offsets, st.integers(0, 99))
def test_the_same_seed_gives_the_same_order_and_no_lateness_keeps_it(
    times: list[int], seed: int
) -> None:
    events = by_time(_events(times))
    assert list(shuffled(events, 1_000, seed)) == list(shuffled(events, 1_000, seed))
    assert list(shuffled(events, 0, seed)) == events


def test_a_shuffle_really_disorders() -> None:
    events = _events(list(range(0, 10_000, 10)))
    assert list(shuffled(events, 1_000, seed=1)) != events


def test_broken_lines_and_absurd_times_travel_with_their_neighbours() -> None:
    events: list[Line] = [
        {"event_id": 1, "event_time": NOON},
        b"{",
        {"event_id": 2, "event_time": 10**18},
        {"event_id": 3, "event_time": "9999-01-01T00:00:00Z"},
        {"event_id": 4, "event_time": NOON + 1},
    ]
    assert by_time(events) == events
    assert list(shuffled(events, 0, seed=1)) == events


@given(offsets)
def test_sorting_agrees_with_a_sort_by_time_that_keeps_ties(times: list[int]) -> None:
    events = _events(times)
    assert by_time(events) == sorted(events, key=lambda event: event_time_ms(event) or 0)
