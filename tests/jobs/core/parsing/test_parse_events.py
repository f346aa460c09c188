"""Events: whole batches, compared with parsing line by line and with the oracle."""

import json
import math
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.verify.recompute.actions import ACTIONS
from bench.verify.recompute.broken_user import user_of_broken
from bench.verify.recompute.validation import Bounds, RejectedError, read_event
from jobs.core.parsing.events import DeadLetter, ParsedBatch, Rejection
from jobs.core.parsing.json_records import read_object
from jobs.core.parsing.parse_events import check_event, parse_events
from jobs.core.parsing.rules import Rules
from tests.builders import DAY_MS, NOON, NOON_MS, RULES, event, event_line, line

Accepted = tuple[int, tuple[Any, ...]]

SPLITTERS = [
    b'{"a":[{}',
    b"{}]}",
    b"{},{}",
    b"{}",
    b"",
    b",",
    b"[",
    b"]",
    b'{"a":"',
    b'"}',
    b" {} ",
    b'{"event_time":-' + b"9" * 400 + b"," + event_line("late")[1:],
    *(
        event_line("more")[:-1] + b",%b}" % more
        for more in (
            b'"context":[1e999,-0]',
            b'"session_id":1e-999',
            b'"device":1e999',
            b'"device":"\xc3\xa4"',
            b'"device":"\\ud800"',
            b'"context":{"a":01}',
            b'"event_id":"again"',
            b'"event_time":1e3',
            b'"context":' + b"9" * 400,
        )
    ),
]


def accepted(batch: ParsedBatch) -> list[Accepted]:
    """(line, event) of each accepted event; a missing value is None instead of NaN."""
    events = batch.events
    return [
        (row[0], (*row[1:-1], None if math.isnan(row[-1]) else row[-1]))
        for row in zip(
            events.line,
            events.event_id,
            events.user_id,
            events.action,
            events.item_id,
            events.text,
            events.time_ms.tolist(),
            events.value.tolist(),
            strict=True,
        )
    ]


def one_by_one(lines: list[bytes], rules: Rules = RULES) -> tuple[list[Accepted], list[DeadLetter]]:
    """Events and dead letters of the lines, each parsed on its own."""
    good: list[Accepted] = []
    dead: list[DeadLetter] = []
    for index, raw in enumerate(lines):
        record = read_object(raw, rules)
        found = record if isinstance(record, Rejection) else check_event(record, rules, NOON_MS)
        if isinstance(found, Rejection):
            named = user_of_broken(raw, rules.max_line_bytes, rules.max_id_chars)
            dead.append(DeadLetter(raw, found.reason, found.detail, named))
        else:
            good.append((index, (*found[:-1], None if math.isnan(found[-1]) else found[-1])))
    return good, dead


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(["", NOON, "2026-13-01T00:00:00Z", "x" * 257, "\0", "like", "search"]),
    st.sampled_from([NOON_MS, NOON_MS + DAY_MS, NOON_MS + DAY_MS + 1, RULES.earliest_ms - 1]),
)
values = st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(st.text(), scalars))
plain = st.builds(
    event,
    st.integers(0, 9),
    user_id=st.sampled_from(["ada", "bob", "Ünïcode", 7]),
    action=st.sampled_from(["like", "search", "rating", "comment"]),
    event_time=st.one_of(st.integers(NOON_MS - DAY_MS, NOON_MS), st.just(NOON)),
    text=st.one_of(st.none(), st.just("red shoes")),
    value=st.one_of(st.none(), st.integers(0, 5), st.floats(0, 5)),
)
changed = st.builds(
    lambda record, change: {**record, **change},
    plain,
    st.dictionaries(
        st.sampled_from(
            [
                "event_id",
                "user_id",
                "action",
                "item_id",
                "text",
                "value",
                "event_time",
                "context",
                "session_id",
                "device",
            ]
        ),
        values,
        min_size=1,
        max_size=2,
    ),
)
dumped = st.builds(lambda record: json.dumps(record).encode(), changed)
broken = st.builds(
    lambda raw, cut, byte: raw[:cut] + byte + raw[cut:],
    st.builds(line, plain),
    st.integers(0, 60),
    st.binary(max_size=2),
)
any_line = st.one_of(
    st.builds(line, plain), dumped, broken, st.binary(max_size=12), st.sampled_from(SPLITTERS)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(any_line, max_size=8))
@example([b'{"a":[{}', b"{}]}", b"{},{}"])
@example([b'{"a":[{}', b"{},{},{}]}", b"{}"])
@example([b"{}", b"", b"{},{}"])
@example([b'{"a":"', b'"}', event_line(1)])
def test_a_batch_gives_the_events_of_its_lines_one_by_one(lines):
    batch = parse_events(lines, RULES, NOON_MS)
    good, dead = one_by_one(lines)
    assert accepted(batch) == good
    assert batch.dead == dead


@settings(max_examples=150, deadline=None)
@given(st.lists(st.builds(line, plain), min_size=1, max_size=8))
def test_good_lines_are_all_accepted_in_their_order(lines):
    batch = parse_events(lines, RULES, NOON_MS)
    good, dead = one_by_one(lines)
    assert batch.events.line == list(range(len(lines)))
    assert (accepted(batch), batch.dead, dead) == (good, [], [])


@settings(max_examples=100, deadline=None)
@given(st.lists(any_line, max_size=8))
def test_every_line_is_either_an_event_or_a_dead_letter(lines):
    batch = parse_events(lines, RULES, NOON_MS)
    found = [lines[index] for index in batch.events.line] + [
        dead_letter.raw for dead_letter in batch.dead
    ]
    assert sorted(found) == sorted(lines)
    assert batch.events.line == sorted(set(batch.events.line))


@settings(max_examples=200, deadline=None)
@given(any_line)
def test_the_independent_reading_of_the_contract_accepts_the_same_lines(raw):
    batch = parse_events([raw], RULES, NOON_MS)
    try:
        expected = read_event(raw, ACTIONS, Bounds(latest_ms=NOON_MS + DAY_MS))
    except RejectedError:
        assert not len(batch.events)
        return
    ((_, (event_id, user_id, action, item_id, _, time_ms, _)),) = accepted(batch)
    assert (event_id, user_id, action) == (expected.event_id, expected.user_id, expected.action)
    assert (item_id, time_ms) == (expected.item_id, expected.time_ms)


def test_an_empty_batch_has_no_events_and_no_dead_letters():
    batch = parse_events([], RULES, NOON_MS)
    assert (len(batch.events), batch.dead) == (0, [])
    assert batch.events.time_ms.dtype == np.int64
