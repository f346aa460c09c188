"""Events: the batch path against the one-line form, and a line for every reason."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.verify.recompute.actions import ACTIONS
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
    """(line, event) of each accepted event; no value is told as None."""
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
    """What the batch must say: every line on its own."""
    good: list[Accepted] = []
    dead: list[DeadLetter] = []
    for index, raw in enumerate(lines):
        record = read_object(raw, rules)
        found = record if isinstance(record, Rejection) else check_event(record, rules, NOON_MS)
        if isinstance(found, Rejection):
            user = record.get("user_id") if isinstance(record, dict) else None
            readable = isinstance(user, str) or type(user) is int
            named = str(user) if readable and 1 <= len(str(user)) <= rules.max_id_chars else None
            dead.append(DeadLetter(raw, found.reason, found.detail, named))
        else:
            good.append((index, (*found[:-1], None if math.isnan(found[-1]) else found[-1])))
    return good, dead


def reason_of(raw: bytes, rules: Rules = RULES) -> str | None:
    """Why the line is dead, next to a good one; None where it is accepted."""
    batch = parse_events([event_line("good"), raw], rules, NOON_MS)
    assert batch.events.line == ([0] if batch.dead else [0, 1])
    return batch.dead[0].reason if batch.dead else None


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
def test_a_batch_says_what_its_lines_say_one_by_one(lines):
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
def test_no_line_is_lost_and_none_has_two_fates(lines):
    batch = parse_events(lines, RULES, NOON_MS)
    fates = [lines[index] for index in batch.events.line] + [letter.raw for letter in batch.dead]
    assert sorted(fates) == sorted(lines)
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


def test_an_empty_batch_has_no_events_and_no_letters():
    batch = parse_events([], RULES, NOON_MS)
    assert (len(batch.events), batch.dead) == (0, [])
    assert batch.events.time_ms.dtype == np.int64


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"event_id": "\xff"}', "not_utf8"),
        (b"{'event_id': 1}", "not_json"),
        (b'{"value": NaN}', "not_json"),
        (b'{"event_id": "\\ud83d"}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"[" * 5000, "not_json"),
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"event_id": "a\\u0000"}', "null_character"),
        (b'{"context": {"a": ["\\u0000"]}}', "null_character"),
        (b'{"context": {"\\u0000": 1}}', "null_character"),
        (b"{}", "missing_field"),
        (event_line(1, event_id=""), "missing_field"),
        (event_line(1, user_id=""), "missing_field"),
        (event_line(1, item_id=""), "missing_field"),
        (event_line(1, action=""), "missing_field"),
        (event_line(1, event_time=""), "missing_field"),
        (event_line(1, event_id=True), "wrong_type"),
        (event_line(1, user_id=1.5), "wrong_type"),
        (event_line(1, user_id=10.0**30), "wrong_type"),
        (event_line(1, item_id=["a"]), "wrong_type"),
        (event_line(1, action=3), "wrong_type"),
        (event_line(1, action={}), "wrong_type"),
        (event_line(1, text=3), "wrong_type"),
        (event_line(1, event_time=1.5), "wrong_type"),
        (event_line(1, event_time=True), "wrong_type"),
        (event_line(1, user_id="u" * 257), "too_long"),
        (event_line(1, text="t" * 8193), "too_long"),
        (event_line(1, action="levitate"), "unknown_action"),
        (event_line(1, event_time="yesterday"), "bad_time"),
        (event_line(1, event_time="2026-02-30T12:00:00Z"), "bad_time"),
        (event_line(1, event_time="2026-03-10T12:00:00"), "bad_time"),
        (event_line(1, event_time=RULES.earliest_ms - 1), "time_out_of_bounds"),
        (event_line(1, event_time=NOON_MS + DAY_MS + 1), "time_out_of_bounds"),
        (event_line(1, event_time=2**63), "time_out_of_bounds"),
        (event_line(1, event_time="0001-01-01T00:00:00+14:00"), "time_out_of_bounds"),
        (event_line(1, value="5"), "bad_value"),
        (event_line(1, value=True), "bad_value"),
        (event_line(1, item_id=None), "missing_target"),
        (event_line(1, item_id=None, text=""), "missing_target"),
        (event_line(1, context="c" * 65_536), "too_large"),
    ],
)
def test_every_reason_has_a_line(raw, reason):
    assert reason_of(raw) == reason


@pytest.mark.parametrize(
    "fields",
    [
        {"event_id": 7, "user_id": -(2**63), "item_id": 2**64 - 1},
        {"user_id": "\U0001f600" * 256},
        {"text": "t" * 8192},
        {"event_time": RULES.earliest_ms},
        {"event_time": NOON_MS + DAY_MS},
        {"value": 0},
        {"value": -1e300},
        {"event_id": "a\\u0000"},
        {"session_id": 5, "context": [1]},
        {"item_id": None, "text": "said", "action": "comment"},
    ],
)
def test_what_is_just_within_the_rules_is_accepted(fields):
    assert reason_of(event_line(1, **fields)) is None


def test_a_line_of_exactly_the_largest_size_is_accepted():
    rules = Rules(RULES.actions, max_line_bytes=len(event_line("good")))
    assert reason_of(event_line("well"), rules) is None
    assert reason_of(event_line("wells"), rules) == "too_large"


def test_an_integer_id_is_its_decimal_text():
    raw = event_line("", event_id=12, user_id=-3, item_id=0)
    events = parse_events([raw], RULES, NOON_MS).events
    assert (events.event_id, events.user_id, events.item_id) == (["12"], ["-3"], ["0"])


@pytest.mark.parametrize(
    ("text", "after_noon_ms"),
    [
        ("2026-03-10T12:00:00Z", 0),
        ("2026-03-10t12:00:00z", 0),
        ("2026-03-10 13:30:00+01:30", 0),
        ("2026-03-10T11:59:59-00:00", -1000),
        ("2026-03-10T12:00:00.5Z", 500),
        ("2026-03-10T12:00:00.123999999Z", 123),
        ("2026-03-11T11:59:00+23:59", 0),
    ],
)
def test_a_time_is_read_as_rfc_3339_and_cut_to_milliseconds(text, after_noon_ms):
    events = parse_events([event_line(1, event_time=text)], RULES, NOON_MS).events
    assert events.time_ms.tolist() == [NOON_MS + after_noon_ms]


@pytest.mark.parametrize(
    "text",
    [
        "2026-W11-2T12:00:00Z",
        "2026-03-10T12:00Z",
        "20260310T120000Z",
        "2026-03-10T12:00:60Z",
        "2026-03-10T24:00:00Z",
        "2026-03-10T12:00:00+24:00",
        "2026-03-10T12:00:00+05:75",
        "2026-03-10T12:00:00,5Z",
        "\u0662026-03-10T12:00:00Z",
    ],
)
def test_what_is_not_rfc_3339_is_a_bad_time(text):
    assert reason_of(event_line(1, event_time=text)) == "bad_time"


def test_a_letter_names_its_user_where_the_id_can_be_read():
    lines = [
        event_line(1, action="levitate"),
        event_line(2, action="levitate", user_id=7),
        event_line(3, user_id=["ada"]),
        b"[]",
    ]
    dead = parse_events(lines, RULES, NOON_MS).dead
    assert [letter.user_id for letter in dead] == ["ada", "7", None, None]
    assert [letter.raw for letter in dead] == lines
