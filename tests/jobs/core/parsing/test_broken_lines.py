"""Whose a broken line is: the id is read wherever it can be, and never a wrong or broken one."""

import json
import time

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.verify.recompute.broken_user import user_of_broken as second_opinion
from jobs.core.parsing.broken_lines import user_of_broken
from jobs.core.parsing.cut_lines import CutLine, kept_bytes, read_cut
from jobs.core.parsing.json_records import read_id
from jobs.core.parsing.parse_control import parse_control
from jobs.core.parsing.parse_events import parse_events
from jobs.core.parsing.parse_items import parse_items
from jobs.core.parsing.rules import Rules
from tests.builders import NOON_MS, RULES, event_line, item_line

PARTS = [
    *(b'"user_id"', b'"ada"', b'"user\\u005fid"', b'"a\\u0000"', b'"\xff"', b'"\\ud800"', b'""'),
    *(b"{", b"}", b"[", b"]", b":", b",", b" ", b"\t", b"\x00", b"\xc3", b"\xe2\x80\xa8", b"\\"),
    *(b"7", b"-0", b"1e3", b"true", b"null", b"tru", b"99999999999999999999", b'"cut', b'"x\\'),
]


@pytest.mark.parametrize(
    ("raw", "user_id"),
    [
        (b'{"user_id":"ada","text":"cut o', "ada"),
        (b'{"user_id" : 7 , "text":', "7"),
        (b'\xef\xbb\xbf{"user_id":"ada"}', "ada"),
        (b'{"text":"d\xe9j\xe0","user_id":"ada"}', "ada"),
        (b'{"text":"a\\u0000","user_id":"ada"}', "ada"),
        (b'{"session_id":"\x00","user_id":"\xc3\xa9"}', "é"),
        (b'{"user\\u005fid":"\\u0061da"', "ada"),
        (b'{"context":{"user_id":"bob"},"user_id":"ada"', "ada"),
        (b'{"user_id":"ada","context":{"user_id":"bob"', "ada"),
        (b'{"text":"\\"user_id\\":\\"bob\\"","user_id":"ada"', "ada"),
        (b'{"user_id":"ada","user_id":"bob"', "bob"),
        (b'{"user_id":"ada","user_id":"bo', "ada"),
        (b'{"user_id":"ada"} {"user_id":"bob"}', "ada"),
        (b'{"value":NaN,,"user_id":"ada"}', "ada"),
        (b"{" * 300 + b'"user_id":"ada"', None),
        (b'{"user_id":"ad', None),
        (b'{"user_id":12', None),
        (b'{"user_id":"a\xff"', None),
        (b'{"user_id":"us\\u0000er"}', None),
        (b'{"user_id":"us\x00er"}', None),
        (b'{"user_id":"\\ud800"}', None),
        (b'{"user_id":"%b"}' % (b"u" * 257), None),
        (b'{"user_id":""}', None),
        (b'{"user_id":["ada"]}', None),
        (b'{"user_id":true,', None),
        (b"{'user_id':'ada'}", None),
        (b'[{"user_id":"ada"}]', None),
        (b'"user_id":"ada"', None),
        (b"", None),
    ],
)
def test_the_id_is_read_wherever_it_is_whole_and_of_the_record_itself(raw, user_id):
    assert user_of_broken(raw, RULES) == user_id


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=16).map(b"".join))
@example(b'{"user_id":"ada""user_id":')
def test_the_independent_reading_finds_the_same_user_in_any_bytes(raw):
    for line in (raw, b"{" + raw, b'{"user_id":' + raw):
        assert user_of_broken(line, RULES) == second_opinion(line, 65_536, 256)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.floats(-1, 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
records = st.dictionaries(st.sampled_from(["user_id", "text", "context", "ü"]), values)


def expected_user(record: dict[str, object]) -> str | None:
    found = read_id(record, "user_id", RULES)
    return found if isinstance(found, str) and "\0" not in found else None


@settings(max_examples=300, deadline=None)
@given(records)
def test_of_a_whole_record_it_is_the_user_that_parsing_finds(record):
    for line in (json.dumps(record, indent=1).encode().replace(b"\n", b" "), orjson.dumps(record)):
        assert user_of_broken(line, RULES) == expected_user(record)


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=256).filter(lambda text: "\0" not in text), records, st.data())
def test_wherever_a_line_is_cut_the_user_is_found_or_none(user_id, record, data):
    whole = orjson.dumps(
        {"user_id": user_id, **{k: v for k, v in record.items() if k != "user_id"}}
    )
    begins = len(b'{"user_id":' + orjson.dumps(user_id))
    cut = data.draw(st.integers(0, len(whole)))
    assert user_of_broken(whole[:cut], RULES) == (user_id if cut >= begins else None)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), st.sampled_from([b"\xff", b"\x00", b"\xed\xa0\x80", b"\\u0000"]))
def test_broken_bytes_hide_a_user_only_where_they_stand_in_the_member(at, bad):
    line = event_line(1, text="x" * 200)
    begin, end = line.index(b'"user_id"'), line.index(b',"action"')
    at = min(at, len(line))
    for dead_letter in parse_events([line[:at] + bad + line[at:]], RULES, NOON_MS).dead:
        if not begin <= at <= end:
            assert dead_letter.user_id == "ada"
        elif end - len(b'ada"') <= at < end:
            assert dead_letter.user_id is None


def test_dead_letters_of_every_broken_kind_carry_the_user():
    lines = {
        "too_large": event_line(1, context="x" * 70_000),
        "null_character": event_line(1, item_id="bo\0ok"),
        "not_utf8": event_line(1, session_id="@").replace(b"@", b"\xff"),
        "not_json": event_line(1)[:-1],
    }
    for reason, line in lines.items():
        (dead_letter,) = parse_events([line], RULES, NOON_MS).dead
        assert (dead_letter.reason, dead_letter.user_id) == (reason, "ada")
        (dead_letter,) = parse_control([line], RULES).dead
        assert (dead_letter.reason, dead_letter.user_id) == (reason, "ada")


def test_a_cut_line_is_kept_as_its_beginning_and_says_how_long_it_was_and_where_it_stands():
    beginning = event_line(1, text="x" * 300_000)[: kept_bytes(RULES.max_line_bytes)]
    line = beginning + b"\n8388608 %2Fdata%2Fevents%2Fa+b%C3%A9.ndjson"
    detail = (
        "8388608 bytes, at most 65536; the first 262144 are kept, the rest is in"
        " /data/events/a bé.ndjson"
    )
    for dead_letter, user_id in (
        (parse_events([event_line(2), line], RULES, NOON_MS).dead[0], "ada"),
        (parse_control([line], RULES).dead[0], "ada"),
        (parse_items([line], RULES).dead[0], None),
    ):
        assert (dead_letter.raw, dead_letter.reason) == (beginning, "too_large")
        assert (dead_letter.detail, dead_letter.user_id) == (detail, user_id)


def test_a_line_without_a_note_was_not_cut():
    assert read_cut(b"x" * 300_000, 262_144) is None
    assert read_cut(b"x\n7 ", 1) == CutLine(b"x", 7, "")


def test_a_record_of_several_lines_that_ends_as_a_note_does_is_whole():
    record = b'{"user_id": "ada"}\n700000 x'
    assert read_cut(record, 262_144) is None
    (letter,) = parse_events([record], RULES, NOON_MS).dead
    assert (letter.raw, letter.user_id) == (record, "ada")


def test_the_user_of_any_line_is_found_in_linear_time():
    rules = Rules(frozenset())
    started = time.perf_counter()
    for filler in (b'"', b'\\"', b'"\\', b"[", b"[]", b'"user_id":', b"\\u0000", b" ", b"1"):
        user_of_broken(b'{"user_id":"ada",' + filler * (262_144 // len(filler)), rules)
    assert time.perf_counter() - started < 3.0


@pytest.mark.parametrize(
    ("raw", "item_id"),
    [
        (item_line("a")[:-1], "a"),
        (item_line("a", title=3), "a"),
        (item_line("a", text="x" * 70_000), "a"),
        (item_line("a", text="\0"), "a"),
        (b'{"item_id": 7, "title": "Alien', "7"),
        (b'{"attributes": {"item_id": "b"}, "title": 3}', None),
        (b'{"user_id": "ada"}', None),
    ],
)
def test_dead_letters_of_items_carry_the_item(raw, item_id):
    (dead_letter,) = parse_items([raw], RULES).dead
    assert (dead_letter.item_id, dead_letter.user_id) == (item_id, None)
