"""The last interactions: always the newest of the whole set, by (time, key)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.last_interactions import update_last
from jobs.core.user_state import Layout, Records
from tests.builders import NOON_MS
from tests.jobs.core.builders import Told, contributions, cut, told_events

LAST_N = 5
LAYOUT = Layout(8, 1, LAST_N)


def folded(batches: list[list[Told]], users: int = 2) -> Records:
    records = LAYOUT.empty(users)
    for batch in batches:
        records = update_last(records, contributions(batch))
    return records


def ring(records: Records, user: int = 0) -> list[tuple[int, int, float, int]]:
    """(time, key, weight, row) newest first, without the empty places at the end."""
    rows = [
        (int(row[0]), int(row[1]), float(row[2]), int(row[3]) - 1000)
        for row in zip(
            *(records[f"ring_{name}"][user].tolist() for name in ("ms", "key", "weight", "ref")),
            strict=True,
        )
    ]
    kept = [row for row in rows if row[2] > 0]
    assert rows == kept + [(0, 0, 0.0, -1000)] * (len(rows) - len(kept))
    return kept


@settings(max_examples=150, deadline=None)
@given(told_events(2), st.randoms(use_true_random=False), st.lists(st.integers(0, 99), max_size=4))
def test_any_order_in_any_batches_keeps_the_newest_likes(events, random, places):
    random.shuffle(events)
    records = folded(cut(events, places))
    for user in (0, 1):
        likes = [e for e in events if e.user == user and e.weight > 0]
        newest = sorted(likes, key=lambda e: (e.time_ms, e.key), reverse=True)[:LAST_N]
        assert ring(records, user) == [(e.time_ms, e.key, e.weight, e.row) for e in newest]


def test_of_two_interactions_at_once_the_larger_key_is_newer():
    # Unsigned: the highest bit makes a key large, not negative.
    records = folded([[Told(0, NOON_MS, 2**63, 1.0, 0), Told(0, NOON_MS, 5, 1.0, 1)]])
    assert [key for _, key, _, _ in ring(records)] == [2**63, 5]


def test_dislikes_and_events_that_weigh_nothing_are_no_interactions():
    records = folded([[Told(0, NOON_MS, 1, -3.0, 0), Told(0, NOON_MS, 2, 0.0, 1)]])
    assert ring(records) == []


def test_an_interaction_of_hardly_any_weight_keeps_its_place():
    # A dwell of 1e-60 s: float32 holds no such number, and 0 would mean an empty place.
    tiny = Told(0, NOON_MS, 1, 1e-60, 3)
    records = folded([[tiny], [Told(0, NOON_MS - 1, 2, 1.0, 4)]])
    assert [row for _, _, _, row in ring(records)] == [3, 4]
