"""Merges in the recomputation: the events of the old user are the new one's."""

import math
from typing import Any

import pytest

from bench.verify.recompute import Expected, Phase, recompute_phases
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

MERGE = {"user_id": "anon", "command": "merge", "into": "ada"}


def expect(*phases: tuple[list[Any], list[Any]]) -> Expected:
    """What phases of events and commands lead to."""
    given = [Phase(items=catalogue()), *(Phase((), events, control) for events, control in phases)]
    return recompute_phases(given, vectors=vectors, now_ms=NOW_MS)


def like(number: int, user: str, at_ms: int = NOON_MS, item: str = "east") -> dict[str, Any]:
    return event(number, "like", at_ms, item, user=user)


def test_sums_add_up_and_decay_to_the_newest_event_of_both() -> None:
    expected = expect(([like(1, "anon", NOON_MS - DAY_MS, "north"), like(2, "ada")], [MERGE]))
    unit, weight, as_of_ms = row(expected, "day")
    assert unit == pytest.approx([2 / math.sqrt(5), 1 / math.sqrt(5), 0])
    assert (weight, as_of_ms) == (4.5, NOON_MS)
    assert set(expected.users) == {"ada"}
    assert expected.users["ada"].events == 2


def test_later_events_of_the_old_user_are_the_new_users_and_keep_their_key() -> None:
    expected = expect(
        ([like(1, "anon")], [MERGE]),
        ([like(1, "anon"), like(2, "anon", NOON_MS + MINUTE_MS), like(1, "ada")], []),
    )
    assert expected.users["ada"].events == 3
    assert expected.counts["events"].duplicates == 1
    signal = expected.user_items["ada", "east"]
    assert signal.signal_key == key_of(2, "anon") - 2**63


def test_forgetting_forgets_all_parts() -> None:
    expected = expect(
        ([like(1, "a"), like(1, "b"), like(1, "c")], []),
        ([], [{"user_id": "a", "command": "merge", "into": "b"}]),
        ([], [{"user_id": "b", "command": "merge", "into": "c"}]),
        ([], [{"user_id": "a", "command": "forget"}]),
        ([like(2, "a"), like(2, "b"), like(2, "c")], []),
    )
    assert expected.forgotten == {"a", "b", "c"}
    assert expected.users == {}
    assert expected.counts["events"].excluded == 3


def test_refused_merges_are_dead_letters() -> None:
    expected = expect(
        ([like(1, "anon")], [MERGE]),
        ([], [{**MERGE, "into": "bob"}, {"user_id": "ada", "command": "merge", "into": "anon"}]),
        ([], [MERGE, {**MERGE, "into": "anon"}]),
    )
    assert expected.dead_letters == {("control", "bad_merge"): 3}
    assert expected.counts["control"].applied == 2


def test_what_comes_to_a_forgotten_user_is_dropped() -> None:
    expected = expect(
        ([like(1, "anon")], [{"user_id": "ada", "command": "forget"}]),
        ([], [MERGE]),
        ([like(2, "anon")], []),
    )
    assert expected.forgotten == {"ada", "anon"}
    assert expected.counts["events"].excluded == 1


def test_either_having_opted_out_both_have() -> None:
    expected = expect(
        ([like(1, "anon"), like(1, "ada")], [{"user_id": "anon", "command": "opt_out"}]),
        ([], [MERGE]),
        ([like(2, "anon"), like(2, "anon")], []),
    )
    assert expected.opted_out == {"ada"}
    assert (expected.counts["events"].excluded, expected.counts["events"].duplicates) == (1, 1)
