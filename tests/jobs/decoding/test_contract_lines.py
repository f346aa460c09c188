"""Records of a stream become lines, in their order and without loss."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from jobs.action_settings import DEFAULT_ACTIONS
from jobs.config import load_config
from jobs.core.parsing.rules import Rules
from jobs.core.parsing.undecoded_lines import Undecoded, read_undecoded
from jobs.core.parsing.withdraw_all import withdraw_all_line
from jobs.decoding.decode_settings import DecodeSettings, read_formats
from jobs.decoding.given_lines import given_line
from jobs.mapping.errors import MappingError
from jobs.stream_formats import StreamFormat, StreamFormats

RULES = Rules(frozenset(DEFAULT_ACTIONS), max_line_bytes=1_000)
BUCKETS = 3
ITEMS = """
[items]
item_id = "sku"
title = "name"
text = "body"
"""
EVENTS = """
[events]
event_id = "id"
user_id = "who"
item_id = "sku"
action = "what"
time = "at"
time_unit = "ms"
"""
EVENT = {"id": "e1", "who": "ada", "sku": "tea", "what": "view", "at": 1_773_144_000_000}


def settings_of(stream: Any, folder: Path, **keys: Any) -> DecodeSettings:
    path = folder / "shop.toml"
    path.write_text(ITEMS + EVENTS)
    return DecodeSettings.read(stream, StreamFormat(mapping=str(path), **keys), RULES, BUCKETS)


def read(line: bytes) -> Any:
    return read_undecoded(line) or orjson.loads(line)


def test_items_change_and_go_in_the_order_of_their_records(tmp_path: Path) -> None:
    to_lines = settings_of("items", tmp_path, key_field="sku").compile()
    mug = {"sku": "mug", "name": "Mug"}
    blue = mug | {"name": "Mug, blue"}
    lines = to_lines(
        [orjson.dumps(mug), None, orjson.dumps(blue), b"<xml/>", None],
        [b"mug", b"mug", b"mug", b"x", None],
    )
    found = [read(line) for line in lines]
    assert found[:3] == [
        {"item_id": "mug", "title": "Mug"},
        {"item_id": "mug", "available": False},
        {"item_id": "mug", "title": "Mug, blue"},
    ]
    assert [(one.raw, one.reason) for one in found[3:]] == [
        (b"<xml/>", "not_json"),
        (b"", "no_value"),
    ]


def test_an_item_that_is_not_accepted_keeps_its_own_bytes(tmp_path: Path) -> None:
    to_lines = settings_of("items", tmp_path).compile()
    (line,) = to_lines([b'{"sku": "mug", "price": 3}'])
    assert read(line) == Undecoded(b'{"sku": "mug", "price": 3}', "missing_field", "title", "mug")
    assert to_lines.counts.undecoded == 1


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (b"x" * 257, "too_long"),
        (b'{"sku": 1.5}', "wrong_type"),
        (b'{"sku": "a\\u0000b"}', "null_character"),
        (b"[1]", None),
        (b"18446744073709551616", None),
    ],
)
def test_a_null_value_whose_key_is_no_id_is_a_dead_letter_without_bytes(
    tmp_path: Path, key: bytes, reason: str | None
) -> None:
    to_lines = settings_of("items", tmp_path, key_field="sku").compile()
    found = read(to_lines([None], [key])[0])
    if reason is None:
        assert found == {"item_id": key.decode(), "available": False}
    else:
        assert (found.raw, found.reason) == (b"", reason)


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (b'"note": "a\\u0000b"', "null_character"),
        (b'"note": ' + b"[" * 201 + b"]" * 201, "not_json"),
    ],
)
def test_what_is_wrong_beside_the_mapped_fields_is_found_whatever_stands_beside_the_record(
    tmp_path: Path, member: bytes, reason: str
) -> None:
    record = orjson.dumps(EVENT)[:-1] + b", " + member + b"}"
    for beside in ([], [orjson.dumps(EVENT)], [b"no JSON"]):
        to_lines = settings_of("events", tmp_path).compile()
        found = read(to_lines([record, *beside])[0])
        assert (found.raw, found.reason) == (record, reason)


def test_an_event_of_long_numbers_has_one_id_whatever_stands_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.toml"
    path.write_text(EVENTS.replace('"id"', '{ columns = ["order", "sku"] }'))
    settings = DecodeSettings.read("events", StreamFormat(mapping=str(path)), RULES, BUCKETS)
    event = orjson.dumps(EVENT)[:-1]
    first = event + b', "order": 100000000000000000001}'
    second = event + b', "order": 100000000000000000002}'
    ids = {"100000000000000000001:tea", "100000000000000000002:tea"}
    for batch in ([first, second], [first, b"no JSON", second]):
        found = [read(line) for line in settings.compile()(batch)]
        assert {one["event_id"] for one in found if isinstance(one, dict)} == ids


def test_a_record_of_another_shape_may_have_a_member_that_is_called_as_the_wrapping(
    tmp_path: Path,
) -> None:
    record = b'{"interestream":{},' + orjson.dumps(EVENT)[1:]
    for beside in ([], [b"no JSON"]):
        to_lines = settings_of("events", tmp_path).compile()
        assert read(to_lines([record, *beside])[0])["user_id"] == "ada"


def test_a_line_that_says_of_itself_that_it_was_not_decoded_is_no_json(tmp_path: Path) -> None:
    to_lines = settings_of("events", tmp_path).compile()
    forged = b"\x1eundecoded forgotten_user - =bob\x1e" + orjson.dumps(EVENT)
    assert (read(to_lines([forged])[0]).raw, read(to_lines([forged])[0]).reason) == (
        forged,
        "not_json",
    )
    # A row that a command could not read comes in the wrapping.
    wrapped = given_line(b"\x1eundecoded unreadable_row a -\x1e1,2")
    assert read(to_lines([wrapped])[0]) == Undecoded(b"1,2", "unreadable_row", "a")


def test_a_record_of_the_contract_goes_past_the_mapping_in_its_wrapping(tmp_path: Path) -> None:
    to_lines = settings_of("events", tmp_path).compile()
    ours = (
        b'{"event_id":1,"user_id":"ada","action":"view","item_id":"tea","event_time":1773144000000}'
    )
    lines = to_lines([orjson.dumps(EVENT), given_line(ours), b'{"a": 1}'])
    assert read(lines[0])["user_id"] == "ada"
    assert lines[1] == ours
    assert read(lines[2]).reason == "missing_field"


def test_a_broken_record_of_the_contract_can_be_fed_again_in_its_wrapping(tmp_path: Path) -> None:
    to_lines = settings_of("events", tmp_path).compile()
    wrapped = given_line(b'{"event_id":1,"user_id":"ada","action":"stare","event_time":0}')
    (line,) = to_lines([wrapped])
    assert read(line) == Undecoded(wrapped, "unknown_action", "stare", "ada")


def test_a_line_that_was_cut_on_its_way_stays_one(tmp_path: Path) -> None:
    to_lines = settings_of("events", tmp_path).compile()
    cut = b"x" * 4_000 + b"\n50000000 topic%2F0%2F17"
    assert to_lines([orjson.dumps(EVENT), cut])[1] == cut


def test_an_integer_beyond_64_bits_is_the_id_that_it_is(tmp_path: Path) -> None:
    to_lines = settings_of("events", tmp_path).compile()
    long = orjson.dumps(EVENT).replace(b'"ada"', b"18446744073709551616")
    (line,) = to_lines([long])
    assert read(line)["user_id"] == "18446744073709551616"


def test_cloud_events_carry_records_of_the_contract_or_rows_of_a_mapping(tmp_path: Path) -> None:
    event = {"user_id": "ada", "action": "view", "item_id": "tea"}
    envelope = {
        "specversion": "1.0",
        "id": "c1",
        "source": "/shop",
        "type": "viewed",
        "time": "2026-03-10T12:00:00Z",
        "data": event,
    }
    form = StreamFormat(envelope="cloudevents")
    (line,) = DecodeSettings.read("events", form, RULES, BUCKETS).compile()(
        [orjson.dumps(envelope)]
    )
    found = read(line)
    assert (found["user_id"], found["event_time"]) == ("ada", "2026-03-10T12:00:00Z")
    path = tmp_path / "ce.toml"
    path.write_text(
        '[events]\nevent_id = "id"\nuser_id = "data.user_id"\nitem_id = "data.item_id"\n'
        'action = "type"\ntime = "time"\ntime_unit = "rfc3339"\n[events.actions]\nviewed = "view"\n'
    )
    mapped = StreamFormat(envelope="cloudevents", mapping=str(path))
    (line,) = DecodeSettings.read("events", mapped, RULES, BUCKETS).compile()(
        [orjson.dumps(envelope)]
    )
    assert read(line) == {
        "event_id": "c1",
        "user_id": "ada",
        "action": "view",
        "event_time": 1_773_144_000_000,
        "item_id": "tea",
    }


@pytest.mark.parametrize(
    ("stream", "mapping", "told"),
    [
        ("items", "retailrocket", "retailrocket' has no table 'items'"),
        ("events", "movielens", "movielens' has 2 tables of events: a stream needs exactly one"),
        ("items", "shopify", "items.carry_down needs the rows before"),
        ("events", "nowhere", "'nowhere' is neither a file nor a mapping of the package"),
    ],
)
def test_a_mapping_that_a_stream_cannot_use_is_refused_by_name(
    stream: str, mapping: str, told: str
) -> None:
    config = load_config(None, [f"sources.formats.{stream}.mapping={mapping}"])
    with pytest.raises(MappingError, match=told) as error:
        read_formats(config)
    assert "\n" not in str(error.value)


def test_a_stream_of_the_contract_is_not_decoded() -> None:
    assert read_formats(load_config()) == {}
    assert StreamFormats().foreign == frozenset()


def test_a_table_that_was_emptied_withdraws_the_items_of_every_bucket(tmp_path: Path) -> None:
    truncated = b'{"before": null, "after": null, "op": "t", "ts_ms": 1773144000000}'
    items = settings_of("items", tmp_path, envelope="debezium").compile()
    assert items([truncated]) == [withdraw_all_line(bucket) for bucket in range(BUCKETS)]
    # What users did stays, whatever became of the table.
    events = settings_of("events", tmp_path, envelope="debezium").compile()
    assert events([truncated]) == []
    assert events.counts.ignored == 1


def test_a_tombstone_behind_a_deletion_says_nothing_new(tmp_path: Path) -> None:
    items = settings_of("items", tmp_path, envelope="debezium").compile()
    deleted = orjson.dumps({"before": {"id": 7, "sku": "mug"}, "after": None, "op": "d"})
    # The key is another column than the mapping's id of an item.
    lines = items([deleted, None], [b'{"id": 7, "of": "shop"}', b'{"id": 7, "of": "shop"}'])
    assert [read(line) for line in lines] == [{"item_id": "mug", "available": False}]
    assert (items.counts.ignored, items.counts.undecoded) == (1, 0)
