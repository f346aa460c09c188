"""Records of topics: null values, keys, headers, values of several lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.fuzz.foreign.made import Kind, Made, Record, accepted, broken, dumped
from bench.fuzz.foreign.shop import good
from bench.fuzz.good import Maker

KEYS: Sequence[tuple[bytes | None, Record | str]] = (
    (b"mug", {"item_id": "mug"}),
    (b" mug ", {"item_id": "mug"}),
    (b"7", {"item_id": 7}),
    (b"007", {"item_id": "007"}),
    (b'"mug"', {"item_id": "mug"}),
    (b'{"item_id":"mug"}', {"item_id": "mug"}),
    (b'{"id":"mug"}', {"item_id": "mug"}),
    (b'{"product":{"sku":"mug"}}', {"item_id": "mug"}),
    (b"\0\0\0\0\7mug", {"item_id": "mug"}),
    (b"18446744073709551616", {"item_id": "18446744073709551616"}),
    (b"[1]", {"item_id": "[1]"}),
    (b'{"broken', {"item_id": '{"broken'}),
    ("日本".encode(), {"item_id": "日本"}),
    (None, "no_value"),
    (b"", "no_value"),
    (b"\xff", "not_utf8"),
    (b"a\xed\xa0\x80", "not_utf8"),
    (b"{}", "missing_field"),
    (b'{"a":1,"b":2}', "missing_field"),
    (b'{"item_id":null,"b":2}', "missing_field"),
    (b"   ", "missing_field"),
    (b"x" * 257, "too_long"),
    (b'{"item_id":1.5}', "wrong_type"),
    (b'{"item_id":{"a":1}}', "wrong_type"),
    (b'{"item_id":true}', "wrong_type"),
    (b'{"item_id":"a\\u0000"}', "null_character"),
    (b"a\0b", "null_character"),
)
"""Keys of null values in the topic of items, and what follows."""
HEADERS: Sequence[Mapping[str, bytes | None]] = (
    {"content-type": b"\xff", "ce_id": None},
    {"": b""},
    {"x" * 1_000: b"\0" * 1_000},
)


def null_item(maker: Maker) -> Made:
    """A null value in the topic of items, which withdraws the item that its key names."""
    key, outcome = maker.rng.choice(KEYS)
    if isinstance(outcome, str):
        return broken(None, outcome, key=key)
    return accepted(None, {**outcome, "available": False}, key=key)


def null_event(maker: Maker) -> Made:
    """A null value in the topic of events."""
    return broken(None, "no_value", key=maker.rng.choice(KEYS)[0])


def of_value(stream: str) -> Kind:
    """A value beside a key and headers, which do not count."""

    def make(maker: Maker) -> Made:
        record, contract = good(maker, stream)
        raw = dumped(record)
        beside: dict[str, Any] = {"key": maker.rng.choice(KEYS)[0]}
        beside["headers"] = maker.rng.choice(HEADERS)
        draw = maker.rng.randrange(5)
        if draw == 0:
            return broken(maker.rng.choice((b"", b" ", b"\n", b"\r\n\n")), "not_json", **beside)
        if draw == 1:
            return broken(b"null", "not_an_object", **beside)
        if draw == 2:
            return broken(raw[:20] + b"\n" + raw, "not_json", **beside)
        if draw == 3:
            # An end that looks like the note of a record that was cut.
            return broken(raw + b"\n300000 %2Fx", "not_json", **beside)
        return accepted(raw.replace(b":{", b":\r\n{\n").replace(b",", b",\n"), contract, **beside)

    return make


TOPIC_KINDS: Mapping[str, Mapping[str, Kind]] = {
    "events": {"null": null_event, "value": of_value("events")},
    "items": {"null": null_item, "value": of_value("items")},
}
"""By stream and name: records of a topic in the shop's shape."""
