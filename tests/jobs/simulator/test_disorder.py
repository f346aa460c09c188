"""The disorder of events, and its counts."""

from collections import Counter

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.rules import Rules
from jobs.datasets.dataset import Record
from jobs.simulator.broken_lines import BREAKS
from jobs.simulator.disorder import Disorder, disorder

NOON = 1_700_000_000_000
RULES = Rules(frozenset(DEFAULT_ACTIONS))
EVENT: Record = {
    "event_id": "e-1",
    "user_id": "user-1",
    "action": "view",
    "item_id": "book-1",
    "event_time": NOON,
}


def _events(count: int) -> list[Record]:
    return [
        {
            **EVENT,
            "event_id": f"e-{n}",
            "user_id": f"user-{n % 7}",
            "event_time": NOON + n * 1_000,
        }
        for n in range(count)
    ]


@pytest.mark.parametrize("reason", BREAKS)
def test_the_job_refuses_every_broken_line_for_the_reason_it_was_broken_for(
    reason: str,
) -> None:
    for way in BREAKS[reason]:
        parsed = parse_events([way(EVENT)], RULES, now_ms=NOON)
        assert [letter.reason for letter in parsed.dead] == [reason]


def test_a_broken_line_is_one_line() -> None:
    for ways in BREAKS.values():
        for way in ways:
            assert not set(b"\r\n") & set(way(EVENT))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.integers(0, 400))
def test_the_truth_agrees_with_a_count_of_the_lines(seed: int, count: int) -> None:
    how = Disorder(duplicates=0.1, late=0.1, broken=0.1, unknown_items=0.05, respelled=0.1)
    lines, truth = disorder(_events(count), how, np.random.default_rng(seed))
    raw = [line if isinstance(line, bytes) else orjson.dumps(line) for line in lines]
    parsed = parse_events(raw, RULES, now_ms=NOON + 10**9)
    accepted = Counter(zip(parsed.events.user_id, parsed.events.event_id, strict=True))
    unknown = sum((item or "").startswith("lost-") for item in parsed.events.item_id)
    assert Counter(letter.reason for letter in parsed.dead) == Counter(truth.broken)
    assert unknown == truth.unknown_items
    assert len(accepted) == truth.good + truth.unknown_items
    assert accepted.total() - len(accepted) == truth.duplicates
    assert truth.lines == len(lines)


def test_respelled_times_name_the_same_instant() -> None:
    events = _events(200)
    lines, _ = disorder(events, Disorder(0, 0, 0, 0, respelled=1.0), np.random.default_rng(1))
    parsed = parse_events([orjson.dumps(line) for line in lines], RULES, now_ms=NOON + 10**9)
    assert all(isinstance(line, dict) and isinstance(line["event_time"], str) for line in lines)
    assert parsed.events.time_ms.tolist() == [event["event_time"] for event in events]


def test_late_events_are_those_that_come_after_a_newer_one_of_their_user() -> None:
    lines, truth = disorder(
        _events(300),
        Disorder(0, late=0.2, broken=0, unknown_items=0, respelled=0),
        np.random.default_rng(1),
    )
    late = 0
    for index, line in enumerate(lines):
        assert isinstance(line, dict)
        late += any(
            isinstance(other, dict)
            and other["user_id"] == line["user_id"]
            and other["event_time"] > line["event_time"]
            for other in lines[:index]
        )
    assert late == truth.late > 0


def test_the_events_of_spared_users_are_not_disordered() -> None:
    events = _events(300)
    everything = Disorder(0.2, 0.2, 0.2, 0.2, 0.2)
    lines, _ = disorder(events, everything, np.random.default_rng(1), spared={"user-3"})
    spared = [line for line in lines if isinstance(line, dict) and line["user_id"] == "user-3"]
    assert spared == [event for event in events if event["user_id"] == "user-3"]


def test_some_undone_events_arrive_after_the_event_that_undoes_them() -> None:
    pairs = [
        {**event, "event_id": f"{event['event_id']}-{action}", "action": action, "event_time": at}
        for event in _events(200)
        for action, at in (("like", event["event_time"]), ("unlike", event["event_time"] + 500))
    ]
    for pair, number in zip(pairs, (n // 2 for n in range(400)), strict=True):
        pair["item_id"] = f"book-{number}"
    lines, truth = disorder(
        pairs,
        Disorder(0, 0, 0, 0, 0, undone_late=0.3),
        np.random.default_rng(1),
    )
    index = {line["event_id"]: n for n, line in enumerate(lines) if isinstance(line, dict)}
    swapped = sum(index[f"e-{n}-like"] > index[f"e-{n}-unlike"] for n in range(200))
    assert swapped == truth.undone_late
    assert 40 < swapped < 80
    assert truth.good == len(lines) == 400
