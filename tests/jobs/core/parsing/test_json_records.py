"""The depth of records: the same limit for every stream, whatever else is wrong with a record."""

import time

import pytest

from jobs.core.parsing.events import Rejection
from jobs.core.parsing.json_records import MAX_LEVELS, is_too_deep, read_object
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from tests.builders import NOON_MS, RULES, event_line, item_line


def nested(levels: int, inner: bytes = b"") -> bytes:
    """A record of `levels` levels in all."""
    return b'{"attributes":{"a":' + b"[" * (levels - 2) + inner + b"]" * (levels - 2) + b"}}"


@pytest.mark.parametrize("inner", [b"", b'"\\u0000"', b'"a\\"["'])
def test_a_record_may_have_the_largest_depth_and_no_more(inner):
    found = read_object(nested(MAX_LEVELS + 1, inner), RULES)
    assert found == Rejection("not_json", "nested deeper than 200 levels")
    allowed = read_object(nested(MAX_LEVELS, inner), RULES)
    assert isinstance(allowed, dict) or allowed == Rejection("null_character")


@pytest.mark.parametrize("levels", [201, 255, 900, 1_000, 1_024, 1_025, 10_000])
def test_a_deep_record_is_one_dead_letter_and_leaves_its_neighbours(levels):
    deep = nested(levels)
    events = parse_events([event_line(1), deep, event_line(2)], RULES, NOON_MS)
    assert (events.events.line, [dead_letter.raw for dead_letter in events.dead]) == (
        [0, 2],
        [deep],
    )
    items = parse_items([item_line("a"), deep], RULES)
    assert ([item.item_id for item in items.items], items.dead[0].raw) == (["a"], deep)
    assert parse_control([deep], RULES).dead[0].reason == "not_json"


def test_attributes_of_the_largest_depth_are_kept_as_they_are():
    inner = b"[" * (MAX_LEVELS - 2) + b"]" * (MAX_LEVELS - 2)
    line = b'{"item_id":"i","title":"t","attributes":{"a":' + inner + b"}}"
    (item,) = parse_items([line], RULES).items
    assert item.attributes.encode() == b'{"a":' + inner + b"}"


def test_brackets_in_strings_and_side_by_side_are_not_levels():
    assert not is_too_deep(b'{"a":"' + b"[" * 1_000 + b'"}')
    assert not is_too_deep(b'{"a":"\\"' + b"[" * 1_000 + b'"}')
    assert not is_too_deep(b"[" + b"[]," * 1_000 + b"[]]")
    assert is_too_deep(b'{"a\\\\":' + b"[" * 200)


def test_the_depth_of_any_line_is_found_in_linear_time():
    brackets = b"[" * (MAX_LEVELS + 1)
    started = time.perf_counter()
    for filler in (b'"', b'\\"', b'"\\', b'"\\\\', b'[{"'):
        is_too_deep(brackets + filler * 20_000)
        is_too_deep(b'"' + filler * 20_000 + brackets)
    assert time.perf_counter() - started < 1.0
