"""The oracle against sums done by hand, and against the laws it must keep."""

import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.verify.recompute import Bounds, Expected, Record, User, UserItem, recompute
from tests.bench.verify.builders import (
    DAY_MS,
    MINUTE_MS,
    NOON_MS,
    NOW_MS,
    catalogue,
    event,
    key_of,
    row,
    vectors,
)


def expect(events: Iterable[Record], control: Iterable[Record] = (), **more: Any) -> Expected:
    items = more.pop("items", catalogue())
    return recompute(items, events, control, vectors=vectors, now_ms=NOW_MS, **more)


def test_one_like_is_the_item_itself_in_every_positive_kind() -> None:
    expected = expect([event(1, "like", NOON_MS, "east")])
    for kind in ("recent", "session", "day", "month", "topics"):
        assert row(expected, kind) == ([1.0, 0.0, 0.0], 3.0, NOON_MS)
    assert len(expected.windows.keys) == 5


def test_three_events_by_hand() -> None:
    # like East (3) a day before a view of North (1), ten minutes later a purchase of Up (5)
    expected = expect(
        [
            event(1, "like", NOON_MS - DAY_MS, "east"),
            event(2, "view", NOON_MS, "north"),
            event(3, "purchase", NOON_MS + 10 * MINUTE_MS, "up"),
        ]
    )
    newest = NOON_MS + 10 * MINUTE_MS
    # session: the day's gap cuts East off; (0, 1, 5) / sqrt(26)
    unit, weight, as_of = row(expected, "session")
    assert unit == pytest.approx([0.0, 0.19611614, 0.98058068])
    assert (weight, as_of) == (6.0, newest)
    # recent: 5 * Up + 1 * 2^(-1/3) * North + 3 * 2^(-2/3) * East = (1.88988157, 0.79370053, 5)
    unit, weight, as_of = row(expected, "recent")
    assert weight == pytest.approx(7.6835821)
    assert unit == pytest.approx([0.3497286, 0.1468768, 0.9252658], abs=1e-6)
    # day: East weighs 3 * 2^-(1 + 1/144), North 2^(-1/144)
    unit, weight, as_of = row(expected, "day")
    assert weight == pytest.approx(5 + 0.99519804 + 1.5 * 0.99519804)
    assert unit[1] / unit[2] == pytest.approx(0.99519804 / 5)
    assert unit[0] / unit[1] == pytest.approx(1.5)
    assert as_of == newest
    # month: 10 minutes are 1/4320 of 30 days
    unit, weight, _ = row(expected, "month")
    assert unit[1] / unit[2] == pytest.approx(0.99983956 / 5)
    assert unit[0] / unit[1] == pytest.approx(3 * 2 ** (-1 / 30))
    assert expected.users == {"ada": User(3, newest)}


def test_dislikes_have_their_own_clock() -> None:
    expected = expect(
        [
            event(1, "dislike", NOON_MS - 30 * DAY_MS, "east"),
            event(2, "skip", NOON_MS, "north"),
            event(3, "like", NOON_MS + DAY_MS, "up"),
        ]
    )
    # 3 * 1/2 * East + 0.5 * North = (1.5, 0.5), weight 2
    unit, weight, as_of = row(expected, "dislikes")
    assert unit == pytest.approx([0.94868330, 0.31622777, 0.0])
    assert (weight, as_of) == (2.0, NOON_MS)
    assert row(expected, "month") == ([0.0, 0.0, 1.0], 3.0, NOON_MS + DAY_MS)


def test_only_the_last_32_positive_events_are_recent() -> None:
    clicks = [event(n, "click", NOON_MS + n, "east") for n in range(33)]
    clicks[0]["item_id"] = "north"
    unit, weight, _ = row(expect(clicks), "recent")
    assert unit == [1.0, 0.0, 0.0]
    ratio = 2 ** (-1 / 3)
    assert weight == pytest.approx((1 - ratio**32) / (1 - ratio))
    assert row(expect(clicks), "session")[1] == 32.0
    assert row(expect(clicks), "day")[1] == pytest.approx(33.0, abs=1e-4)


def test_thirty_minutes_are_no_gap_and_a_millisecond_more_is() -> None:
    both = [
        event(1, "view", NOON_MS, "east"),
        event(2, "view", NOON_MS + 30 * MINUTE_MS, "north"),
    ]
    assert row(expect(both), "session")[1] == 2.0
    both[1]["event_time"] += 1
    assert row(expect(both), "session") == ([0.0, 1.0, 0.0], 1.0, NOON_MS + 30 * MINUTE_MS + 1)


def test_events_without_positive_weight_do_not_bridge_a_gap() -> None:
    expected = expect(
        [
            event(1, "view", NOON_MS, "east"),
            event(2, "skip", NOON_MS + 20 * MINUTE_MS, "up"),
            event(3, "impression", NOON_MS + 21 * MINUTE_MS, "up"),
            event(4, "view", NOON_MS + 40 * MINUTE_MS, "north"),
        ]
    )
    assert row(expected, "session")[0] == [0.0, 1.0, 0.0]


def test_ties_in_time_are_broken_by_the_unsigned_key() -> None:
    first = next(n for n in range(100) if key_of(n) < 2**63)
    second = next(n for n in range(100) if key_of(n) >= 2**63)
    expected = expect(
        [
            event(second, "view", NOON_MS, "north"),
            event(first, "view", NOON_MS, "east"),
            event(1000, "rating", NOON_MS, "up", value=0),
        ]
    )
    # North is newest: (2^(-1/3), 1)
    assert row(expected, "recent")[0] == pytest.approx([0.6216817, 0.7832695, 0.0], abs=1e-6)


def test_a_query_points_by_the_query_prompt_and_touches_no_item() -> None:
    expected = expect([event(1, "search", NOON_MS, None, text="East")])
    assert row(expected, "recent") == ([-1.0, 0.0, 0.0], 2.0, NOON_MS)
    assert expected.user_items == {}


def test_a_document_is_the_title_and_the_text() -> None:
    encoded: set[tuple[str, str]] = set()

    def recording(texts: list[str], kind: str) -> Any:
        encoded.update((text, kind) for text in texts)
        return np.ones((len(texts), 2), np.float16)

    items: list[Record] = [
        {"item_id": 1, "title": "Tea", "text": "green"},
        {"item_id": "2", "title": "Tea"},
    ]
    events = [event(1, "like", NOON_MS, "1"), event(2, "like", NOON_MS, None, item_id=2)]
    recompute(items, events, vectors=recording, now_ms=NOW_MS)
    assert encoded == {("Tea. green", "document"), ("Tea", "document")}


@pytest.mark.parametrize(
    ("action", "value", "weight", "kind"),
    [
        ("dwell", 60, 1.0, "recent"),
        ("dwell", 600, 2.0, "recent"),
        ("dwell", None, 2.0, "recent"),
        ("rating", 5, 4.0, "recent"),
        ("rating", 3.75, 2.0, "recent"),
        ("rating", 1.25, 2.0, "dislikes"),
        ("rating", -3, 4.0, "dislikes"),
        ("rating", None, 4.0, "recent"),
    ],
)
def test_values_scale_weights(action: str, value: float, weight: float, kind: str) -> None:
    expected = expect([event(1, action, NOON_MS, "east", value=value)])
    assert row(expected, kind)[1] == weight


def test_events_of_no_weight_count_but_make_no_row() -> None:
    expected = expect(
        [event(1, "dwell", NOON_MS, "east", value=-1), event(2, "impression", NOON_MS, "east")]
    )
    assert expected.windows.keys == []
    assert expected.users == {"ada": User(2, NOON_MS)}
    assert expected.user_items == {
        ("ada", "east"): UserItem(
            frozenset({"dwell", "impression"}), NOON_MS, NOON_MS, None, None, None
        )
    }


def test_opposite_items_cancel_out() -> None:
    expected = expect([event(1, "view", NOON_MS, "east"), event(2, "view", NOON_MS, "west")])
    at = expected.windows.rows["ada", "session"]
    assert expected.windows.agreement[at] == 0.0
    assert expected.windows.weights[at] == 2.0


def test_the_newest_signal_wins_and_an_impression_is_none() -> None:
    expected = expect(
        [
            event(3, "impression", NOON_MS + 3, "east"),
            event(2, "dislike", NOON_MS + 2, "east"),
            event(1, "like", NOON_MS + 1, "east"),
        ]
    )
    assert expected.user_items["ada", "east"] == UserItem(
        frozenset({"impression", "dislike", "like"}),
        NOON_MS + 1,
        NOON_MS + 3,
        -3.0,
        NOON_MS + 2,
        key_of(2) - 2**63,
    )


def test_counts_keep_duplicates_waiting_and_dead_apart() -> None:
    like = event(1, "like", NOON_MS, "east")
    expected = expect(
        [
            like,
            {**like, "event_id": "1"},
            {**like, "user_id": "bob"},
            event(2, "like", NOON_MS, "nowhere"),
            event(2, "like", NOON_MS, "nowhere"),
            b"{",
        ]
    )
    counts = expected.counts["events"]
    assert counts.records_in == 6
    assert (counts.applied, counts.duplicates, counts.waiting, counts.dead_letters) == (2, 2, 1, 1)
    assert expected.dead_letters == {("events", "not_json"): 1}
    assert expected.users.keys() == {"ada", "bob"}


def test_a_forgotten_user_leaves_no_row() -> None:
    events = [
        event(1, "like", NOON_MS, "east"),
        event(2, "like", NOON_MS, "east", user="bob"),
        event(3, "vanish", NOON_MS, "east"),
    ]
    expected = expect(events, [{"user_id": "ada", "command": "forget"}])
    assert expected.users.keys() == {"bob"}
    assert {user for user, _ in expected.windows.keys} == {"bob"}
    assert expected.user_items.keys() == {("bob", "east")}
    assert expected.dead_letters == {}
    assert expected.counts["events"].dead_letters == 1


def test_the_last_of_opt_out_and_opt_in_counts() -> None:
    out, back = (
        {"user_id": "ada", "command": "opt_out"},
        {"user_id": "ada", "command": "opt_in"},
    )
    events = [event(1, "like", NOON_MS, "east")]
    assert expect(events, [back, out]).counts["events"].excluded == 1
    assert expect(events, [back, out]).users == {}
    assert expect(events, [out, back]).users.keys() == {"ada"}


def test_bounds_and_actions_can_be_others() -> None:
    bounds = Bounds(latest_ms=NOON_MS - 1)
    expected = expect([event(1, "like", NOON_MS, "east")], bounds=bounds)
    assert expected.dead_letters == {("events", "time_out_of_bounds"): 1}
    expected = expect([event(1, "like", NOON_MS, "east")], actions={})
    assert expected.dead_letters == {("events", "unknown_action"): 1}


steps = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob"]),
        st.sampled_from(["view", "like", "dislike", "skip", "impression", "dwell", "rating"]),
        st.integers(0, 5).map(lambda n: NOON_MS + n * 17 * MINUTE_MS),
        st.sampled_from(["east", "north", "up", "slant", "nowhere"]),
        st.one_of(st.none(), st.integers(0, 5)),
    ),
    max_size=60,
)


def build(drawn: list[tuple[str, str, int, str, int | None]]) -> list[dict[str, Any]]:
    return [
        event(number, action, at_ms, item, user=user, value=value)
        for number, (user, action, at_ms, item, value) in enumerate(drawn)
    ]


def assert_same(one: Expected, other: Expected) -> None:
    assert (one.users, one.user_items) == (other.users, other.user_items)
    assert one.dead_letters == other.dead_letters
    assert one.windows.keys == other.windows.keys
    for field in ("units", "weights", "as_of_ms", "agreement"):
        np.testing.assert_array_equal(getattr(one.windows, field), getattr(other.windows, field))


@settings(deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(drawn: Any, chance: random.Random) -> None:
    events = build(drawn)
    shuffled = chance.sample(events, len(events))
    assert_same(expect(events), expect(shuffled, items=catalogue()[::-1]))
    assert expect(events).counts == expect(shuffled).counts


@settings(deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_duplicates_change_nothing(drawn: Any, chance: random.Random) -> None:
    events = build(drawn)
    again = chance.choices(events, k=7) if events else []
    repeated = chance.sample([*events, *again], len(events) + len(again))
    assert_same(expect(events), expect(repeated))
    assert expect(repeated).counts["events"].duplicates == len(again)


@settings(deadline=None)
@given(steps)
def test_one_event_at_a_time_comes_to_the_same_sums(drawn: Any) -> None:
    """The definition, one user and one kind at a time."""
    expected = expect(build(drawn))
    events = [e for e in build(drawn) if e["item_id"] != "nowhere"]
    for user in ("ada", "bob"):
        for kind in ("recent", "session", "day", "month", "dislikes"):
            total, weight, as_of = definition([e for e in events if e["user_id"] == user], kind)
            if weight == 0:
                assert (user, kind) not in expected.windows.rows
                continue
            unit, found, found_as_of = row(expected, kind, user)
            assert found == pytest.approx(weight)
            assert found_as_of == as_of
            np.testing.assert_allclose(unit, total / np.linalg.norm(total), atol=1e-6)


def is_replaced(one: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    """Whether a rating of one user is followed by another one of the same item."""

    def order(each: dict[str, Any]) -> tuple[int, int]:
        return each["event_time"], key_of(each["event_id"], each["user_id"])

    return one["action"] == "rating" and any(
        (each["action"], each["item_id"]) == ("rating", one["item_id"]) and order(each) > order(one)
        for each in events
    )


def definition(events: list[dict[str, Any]], kind: str) -> tuple[Any, float, int]:
    """Sum, weight and as_of in ms of one user's window."""
    weights = {"view": 1.0, "like": 3.0, "dislike": -3.0, "skip": -0.5, "impression": 0.0}
    counted = []
    for each in events:
        value, weight = each["value"], weights.get(each["action"])
        if each["action"] == "dwell":
            weight = 2.0 if value is None else value / 60
        elif each["action"] == "rating":
            weight = 4.0 if value is None else (value - 2.5) * 1.6
        assert weight is not None
        if (weight < 0) if kind == "dislikes" else (weight > 0):
            key = key_of(each["event_id"], each["user_id"])
            vector = vectors([each["item_id"].capitalize()], "document")[0].astype(float)
            strength = 0.0 if is_replaced(each, events) else abs(weight)
            counted.append((each["event_time"], key, strength, vector))
    counted.sort(key=lambda one: one[:2], reverse=True)
    half_life = {"day": DAY_MS, "month": 30 * DAY_MS, "dislikes": 30 * DAY_MS}.get(kind)
    total, weight = np.zeros(3), 0.0
    for rank, (at_ms, _, strength, vector) in enumerate(counted):
        if half_life is not None:
            factor = 0.5 ** ((counted[0][0] - at_ms) / half_life)
        elif rank == 32 or (
            kind == "session" and rank and counted[rank - 1][0] - at_ms > 30 * MINUTE_MS
        ):
            break
        else:
            factor = 1.0 if kind == "session" else 0.5 ** (rank / 3)
        total += strength * factor * vector
        weight += strength * factor
    return total, weight, counted[0][0] if counted else 0
