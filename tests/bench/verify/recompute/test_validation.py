"""Every reason for a dead letter, and records that are just within the rules."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bench.verify.recompute.actions import ACTIONS
from bench.verify.recompute.json_objects import line_of
from bench.verify.recompute.validation import (
    Bounds,
    RejectedError,
    read_control,
    read_event,
    read_item,
)
from tests.bench.verify.builders import NOON_MS

BOUNDS = Bounds(latest_ms=NOON_MS + 1000)
GOOD = {
    "event_id": "e1",
    "user_id": "ada",
    "action": "like",
    "event_time": NOON_MS,
    "item_id": "east",
}


def reason_of(read: Callable[[], object]) -> str | None:
    try:
        read()
    except RejectedError as rejected:
        return rejected.reason
    return None


def event_reason(raw: bytes) -> str | None:
    return reason_of(lambda: read_event(raw, ACTIONS, BOUNDS))


def item_reason(**fields: Any) -> str | None:
    return reason_of(lambda: read_item(line_of({"item_id": 1, "title": "Tea", **fields}), BOUNDS))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"event_id": "\xff"}', "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"", "not_json"),
        (b"{'event_id': 1}", "not_json"),
        (b'{"value": NaN}', "not_json"),
        (b'{"event_id": "\x00"}', "not_json"),
        (b'{"event_id": "\\ud83d"}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[1]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"event_id": "a\\u0000"}', "null_character"),
        (b'{"context": {"a": ["\\u0000"]}}', "null_character"),
        (b"{}", "missing_field"),
    ],
)
def test_lines_that_are_not_a_record(raw: bytes, reason: str) -> None:
    assert event_reason(raw) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"event_id": 7, "user_id": -7, "item_id": 0}, None),
        ({"event_id": "a\\u0000"}, None),
        ({"user_id": "\U0001f600" * 256}, None),
        ({"event_id": None}, "missing_field"),
        ({"user_id": ""}, "missing_field"),
        ({"item_id": ""}, "missing_field"),
        ({"event_id": True}, "wrong_type"),
        ({"user_id": 1.0}, "wrong_type"),
        ({"item_id": ["east"]}, "wrong_type"),
        ({"action": 3}, "wrong_type"),
        ({"event_time": 1.75e12}, "wrong_type"),
        ({"event_time": True}, "wrong_type"),
        ({"value": "5"}, "bad_value"),
        ({"value": True}, "bad_value"),
        ({"text": 5}, "wrong_type"),
        ({"context": []}, None),
        ({"session_id": {}}, None),
        ({"user_id": "u" * 257}, "too_long"),
        ({"user_id": 10**300}, "wrong_type"),
        ({"text": "t" * 8192}, None),
        ({"text": "t" * 8193}, "too_long"),
        ({"action": "Like"}, "unknown_action"),
        ({"event_time": "yesterday"}, "bad_time"),
        ({"event_time": "2025-02-30T00:00:00Z"}, "bad_time"),
        ({"event_time": "2025-01-01T00:00:00"}, "bad_time"),
        ({"event_time": "2025-01-01"}, "bad_time"),
        ({"event_time": "1750000000000"}, "bad_time"),
        ({"event_time": 1_750_000_000}, "time_out_of_bounds"),
        ({"event_time": 631_152_000_000}, None),
        ({"event_time": 631_151_999_999}, "time_out_of_bounds"),
        ({"event_time": NOON_MS + 1000}, None),
        ({"event_time": NOON_MS + 1001}, "time_out_of_bounds"),
        ({"event_time": 10**300}, "time_out_of_bounds"),
        ({"value": 10**300}, None),
        ({"value": 10**400}, "not_json"),
        ({"context": {"a": [10**400]}}, "not_json"),
        ({"item_id": None}, "missing_target"),
        ({"item_id": None, "text": "tea"}, None),
        ({"item_id": None, "action": "search"}, "missing_target"),
        ({"item_id": None, "action": "search", "text": ""}, "missing_target"),
        ({"item_id": None, "action": "search", "text": "tea"}, None),
        ({"context": {"a": "b" * 65_536}}, "too_large"),
    ],
)
def test_events(change: dict[str, Any], reason: str | None) -> None:
    assert event_reason(line_of({**GOOD, **change})) == reason
    assert event_reason(json.dumps({**GOOD, **change}, indent=1).encode()) == reason


@pytest.mark.parametrize("member", [b'"value": 1e999', b'"context": [-1e999]', b'"x": 1e309'])
def test_a_number_beyond_every_double_is_not_read(member: bytes) -> None:
    assert event_reason(line_of(GOOD)[:-1] + b"," + member + b"}") == "not_json"


@pytest.mark.parametrize(
    ("levels", "reason"), [(200, None), (201, "not_json"), (5_000, "not_json")]
)
def test_a_record_is_nested_two_hundred_levels_deep_at_most(
    levels: int, reason: str | None
) -> None:
    deep = b"[" * (levels - 1) + b'"[[["' + b"]" * (levels - 1)
    assert event_reason(line_of(GOOD)[:-1] + b', "context":' + deep + b"}") == reason


def test_a_value_that_a_later_one_of_the_same_name_replaces_must_be_valid() -> None:
    first = b'{"user_id": "\\ud800", '
    assert event_reason(first + line_of(GOOD)[1:]) == "not_json"


@pytest.mark.parametrize(
    ("written", "later_ms"),
    [
        ("2025-06-15T15:06:40Z", 0),
        ("2025-06-15t15:06:40z", 0),
        ("2025-06-15 15:06:40Z", 0),
        ("2025-06-15T15:06:40.1Z", 100),
        ("2025-06-15T15:06:40.0129999Z", 12),
        ("2025-06-15T17:06:40.007+02:00", 7),
        ("2025-06-15T09:36:40-05:30", 0),
    ],
)
def test_times_as_text(written: str, later_ms: int) -> None:
    read = read_event(line_of({**GOOD, "event_time": written}), ACTIONS, BOUNDS)
    assert read.time_ms == NOON_MS + later_ms


def test_a_dead_letter_names_its_user_where_the_id_can_be_read() -> None:
    for change, user_id in (
        ({"action": "x"}, "ada"),
        ({"user_id": 7, "event_id": None}, "7"),
        ({"user_id": True}, None),
    ):
        with pytest.raises(RejectedError) as caught:
            read_event(line_of({**GOOD, **change}), ACTIONS, BOUNDS)
        assert caught.value.user_id == user_id


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"text": None, "published_at": "1937-01-01T00:00:00Z", "available": False}, None),
        ({"categories": ["a", "b"], "language": "en", "attributes": {"a": 1}}, None),
        ({"title": ""}, "missing_field"),
        ({"item_id": None}, "missing_field"),
        ({"title": 5}, "wrong_type"),
        ({"categories": "a"}, "wrong_type"),
        ({"categories": [1]}, "wrong_type"),
        ({"available": 1}, "wrong_type"),
        ({"attributes": []}, "wrong_type"),
        ({"updated_at": 1.5}, "wrong_type"),
        ({"title": "t" * 8193}, "too_long"),
        ({"published_at": "1937"}, "bad_time"),
        ({"published_at": 10**18}, "time_out_of_bounds"),
    ],
)
def test_items(fields: dict[str, Any], reason: str | None) -> None:
    assert item_reason(**fields) == reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"user_id": 1, "command": "forget"}, None),
        ({"user_id": "", "command": "forget"}, "missing_field"),
        ({"user_id": 1, "command": "merge", "into": "ada"}, None),
        ({"user_id": 1, "command": "merge", "into": "1"}, "bad_merge"),
        ({"user_id": 1, "command": "merge"}, "missing_field"),
        ({"user_id": 1, "command": "merge", "into": "a" * 257}, "too_long"),
        ({"user_id": "a", "command": "erase"}, "unknown_action"),
        ({"user_id": "a", "command": 1}, "wrong_type"),
        ({"user_id": "a" * 257, "command": "forget"}, "too_long"),
        ({"item_id": 7, "command": "delete_item"}, None),
        ({"item_id": "", "command": "delete_item"}, "missing_field"),
        ({"item_id": "i" * 257, "command": "delete_item"}, "too_long"),
        ({"item_id": "i", "command": "delete_items"}, "missing_field"),
    ],
)
def test_commands(record: dict[str, Any], reason: str | None) -> None:
    assert reason_of(lambda: read_control(line_of(record), BOUNDS)) == reason
