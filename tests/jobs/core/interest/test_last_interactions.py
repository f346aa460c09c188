"""The last interactions: always the newest of all interactions, by (time, key)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.interest.last_interactions import update_last
from jobs.core.interest.user_state import Layout, Records
from tests.builders import NOON_MS
from tests.jobs.core.interest.builders import (
    Weighed,
    contributions,
    in_batches,
    weighed_events,
    with_undos,
)

LAST_N = 5
LAYOUT = Layout(8, ("day",), LAST_N)


def folded(batches: list[list[Weighed]], users: int = 2, layout: Layout = LAYOUT) -> Records:
    records = layout.empty(users)
    for batch in batches:
        update_last(records, contributions(batch))
    return records


def ring(records: Records, user: int = 0) -> list[tuple[int, int, float, int]]:
    """(time, key, weight, row) newest first, without the empty slots at the end."""
    rows = [
        (int(row[0]), int(row[1]), float(row[2]), int(row[3]) - 1000)
        for row in zip(
            *(records[f"ring_{name}"][user].tolist() for name in ("ms", "key", "weight", "ref")),
            strict=True,
        )
    ]
    kept = [row for row in rows if row[2] != 0]
    assert rows == kept + [(0, 0, 0.0, -1000)] * (len(rows) - len(kept))
    return kept


def newest(events: list[Weighed], user: int, last_n: int = LAST_N) -> list[Weighed]:
    """The user's last likes, newest first; an undone one keeps its slot with a negative weight."""
    undone = {event.key for event in events if event.multiplicity < 0}
    likes = [
        e for e in events if e.user == user and e.likes and e.weight > 0 and e.multiplicity >= 0
    ]
    last = sorted(likes, key=lambda e: (e.time_ms, e.key), reverse=True)[:last_n]
    return [
        e._replace(weight=-e.weight) if e.key in undone or e.multiplicity == 0 else e for e in last
    ]


def assert_newest(records: Records, events: list[Weighed], last_n: int = LAST_N) -> None:
    for user in range(len(records)):
        expected = newest(events, user, last_n)
        assert ring(records, user) == [(e.time_ms, e.key, e.weight, e.row) for e in expected]


@settings(max_examples=150, deadline=None)
@given(
    weighed_events(3, max_size=40),
    st.randoms(use_true_random=False),
    st.lists(st.integers(0, 99), max_size=5),
)
def test_any_order_in_any_batches_keeps_the_newest_likes(events, random, cuts):
    random.shuffle(events)
    assert_newest(folded(in_batches(events, cuts), users=3), events)


@settings(max_examples=150, deadline=None)
@given(
    weighed_events(2),
    st.lists(st.integers(0, 99), max_size=9),
    st.lists(st.integers(0, 99), max_size=4),
)
def test_an_undone_interaction_keeps_its_slot(events, undone, cuts):
    history = with_undos(events, undone)
    assert_newest(folded(in_batches(history, cuts)), history)


def test_at_the_same_time_the_larger_key_is_newer():
    # Keys are unsigned: the highest bit makes a key large, not negative.
    records = folded([[Weighed(0, NOON_MS, 2**63, 1.0, 0), Weighed(0, NOON_MS, 5, 1.0, 1)]])
    assert [key for _, key, _, _ in ring(records)] == [2**63, 5]


def test_the_larger_key_is_newer_across_batches_too():
    first, second = Weighed(0, NOON_MS, 2**63, 1.0, 0), Weighed(0, NOON_MS, 5, 1.0, 1)
    for batches in ([[first], [second]], [[second], [first]]):
        assert [key for _, key, _, _ in ring(folded(batches))] == [2**63, 5]


def test_dislikes_comments_and_events_without_a_weight_are_no_interactions():
    events = [
        Weighed(0, NOON_MS, 1, -3.0, 0),
        Weighed(0, NOON_MS, 2, 0.0, 1),
        Weighed(0, NOON_MS, 3, 1.0, 1, counts_toward="topics"),
    ]
    assert ring(folded([events])) == []


def test_an_interaction_of_a_tiny_weight_keeps_its_slot():
    # A dwell of 1e-60 s has a weight that float32 rounds to 0, and 0 would mean an empty slot.
    tiny = Weighed(0, NOON_MS, 1, 1e-60, 3)
    records = folded([[tiny], [Weighed(0, NOON_MS - 1, 2, 1.0, 4)]])
    assert [row for _, _, _, row in ring(records)] == [3, 4]
    update_last(records, contributions([tiny._replace(multiplicity=-1.0)]))
    assert [row for _, _, _, row in ring(records)] == [3, 4]


def test_it_returns_whose_interactions_have_changed():
    records = folded([[Weighed(0, NOON_MS, 1, 3.0, 0), Weighed(1, NOON_MS, 2, 3.0, 0)]], users=4)
    changed = update_last(
        records,
        contributions(
            [
                Weighed(0, NOON_MS, 1, 3.0, 0, multiplicity=-1.0),
                Weighed(1, NOON_MS, 3, -3.0, 1),
                Weighed(2, NOON_MS, 4, 1.0, 1),
            ]
        ),
    )
    assert changed.tolist() == [True, False, True, False]


def test_undoing_an_interaction_that_is_no_longer_kept_changes_nothing():
    likes = [Weighed(0, NOON_MS + n, n, 1.0, 0) for n in range(LAST_N + 1)]
    records = folded([likes])
    before = records.tobytes()
    assert update_last(records, contributions([likes[0]._replace(multiplicity=-1.0)])).tolist() == [
        False,
        False,
    ]
    assert records.tobytes() == before


def test_of_a_large_batch_the_newest_interactions_are_kept():
    events = [Weighed(0, NOON_MS + n, n, 1.0, n % 6) for n in range(3 * LAST_N)]
    assert_newest(folded([events]), events)
    assert_newest(folded([events[:2], events[2:]]), events)


def test_a_configuration_without_last_interactions_keeps_none():
    layout = Layout(8, ("day",), 0)
    records = layout.empty(2)
    assert update_last(records, contributions([Weighed(0, NOON_MS, 1, 3.0, 0)])).tolist() == [
        False,
        False,
    ]
    assert records["ring_ms"].shape == (2, 0)


@settings(max_examples=30, deadline=None)
@given(weighed_events(1), st.integers(1, 9), st.lists(st.integers(0, 99), max_size=3))
def test_any_number_of_interactions_may_be_kept(events, last_n, cuts):
    records = folded(in_batches(events, cuts), users=1, layout=Layout(8, ("day",), last_n))
    assert_newest(records, events, last_n)
