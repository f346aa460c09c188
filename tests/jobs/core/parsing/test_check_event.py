"""The rules of an event: a line for every reason of a dead letter, and lines at the limits."""

import pytest

from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.rules import Rules
from tests.builders import DAY_MS, NOON_MS, RULES, event_line


def reason_of(raw: bytes, rules: Rules = RULES) -> str | None:
    """The reason of the line's dead letter, next to a good line; None where it is accepted."""
    batch = parse_events([event_line("good"), raw], rules, NOON_MS)
    assert batch.events.line == ([0] if batch.dead else [0, 1])
    return batch.dead[0].reason if batch.dead else None


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
        {"item_id": None, "text": "a comment", "action": "comment"},
    ],
)
def test_an_event_just_within_the_rules_is_accepted(fields):
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
def test_a_time_that_is_not_rfc_3339_is_a_bad_time(text):
    assert reason_of(event_line(1, event_time=text)) == "bad_time"


def test_a_dead_letter_has_the_readable_id_of_its_user():
    lines = [
        event_line(1, action="levitate"),
        event_line(2, action="levitate", user_id=7),
        event_line(3, user_id=["ada"]),
        b"[]",
    ]
    dead = parse_events(lines, RULES, NOON_MS).dead
    assert [dead_letter.user_id for dead_letter in dead] == ["ada", "7", None, None]
    assert [dead_letter.raw for dead_letter in dead] == lines
