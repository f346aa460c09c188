import numpy as np

from bench.distil import Case, cases_of, ranks

POSITIONS = {str(n): n for n in range(6)}


def event(user, item, minute, **more):
    return {
        "event_id": f"{user}-{minute}",
        "user_id": user,
        "item_id": str(item),
        "action": "view",
        "event_time": minute * 60_000,
        **more,
    }


def test_the_last_liked_item_is_left_out_and_later_events_do_not_count():
    events = [
        event("ada", 0, 1),
        event("ada", 2, 3),
        event("ada", 1, 2),
        event("ada", 4, 4, action="rating", value=1.0),
        event("ada", 3, 5),
        event("ada", 5, 6, action="rating", value=0.5),
        event("bob", 0, 1),
        event("bob", 1, 2),
        b"broken",
        event("ada", 9, 7),
    ]
    (case,) = cases_of(events, POSITIONS, most=10)
    assert case.history == (2, 1, 0)
    assert {*case.had} == {0, 1, 2, 4}
    assert case.left_out == 3


def test_a_user_who_had_the_item_before_is_no_case():
    events = [event("ada", item, minute) for minute, item in enumerate((0, 1, 0))]
    assert cases_of(events, POSITIONS, most=10) == []


def test_ranks_weigh_the_newest_item_most_and_leave_out_earlier_items():
    angles = np.radians([0, 90, 85, 10, 45])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    # Newest at 90 degrees, older at 0: the interest points to about 52 degrees.
    case = Case(history=(1, 0), had=(0, 1), left_out=2)
    weights = np.array([1, 0.5 ** (1 / 3)])
    interest = weights @ vectors[[1, 0]]
    better = [n for n in (3, 4) if vectors[n] @ interest > vectors[2] @ interest]
    assert ranks([case], vectors).tolist() == [len(better)]
    assert ranks([Case((1,), (1,), 2)], vectors).tolist() == [0]
