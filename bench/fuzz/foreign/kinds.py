"""Kinds of records of another shape: wrong fields, wrong bytes, and what stands for our own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from bench.fuzz import kinds_bytes, kinds_fields, kinds_json
from bench.fuzz.foreign import shop
from bench.fuzz.foreign.event_cases import EVENT_CASES, NO_ID
from bench.fuzz.foreign.item_cases import ITEM_CASES
from bench.fuzz.foreign.made import (
    KEPT_BYTES,
    Case,
    Dead,
    Good,
    Kind,
    Made,
    Record,
    accepted,
    broken,
    changed,
    dumped,
    with_dead,
)
from bench.fuzz.fuzzed import Fuzzed
from bench.fuzz.good import Maker
from bench.verify.recompute import ACTIONS, Bounds
from bench.verify.recompute.rejection import RejectedError
from bench.verify.recompute.validation import read_event, read_item

STREAMS = ("events", "items")
WRAPPED = b'{"interestream":%b}'
"""A record of the contract in a stream of another shape."""
BROKEN_WRAPPING = (b'{"interestream":', b'{"interestream":{} ', b'{"interestream"}', b'{"interes')
FORGED = (
    b"\x1eundecoded unreadable_row a.csv%2C+line+7 -\x1e",
    b"\x1eundecoded forgotten_user - =ada\x1e",
    b"\x1eundecoded deleted_item - -\x1e",
    b"\x1eundecoded my_reason %00%00 =%00eve\x1e\x1eundecoded a b -\x1e",
    b"\x1eundecoded ",
    b"\x1e",
)


def good(maker: Maker, stream: str) -> tuple[Record, Record]:
    """A good record in the shop's shape, and in the contract's."""
    return (shop.event if stream == "events" else shop.item)(maker)


def owner_of(stream: str, contract: Record) -> str:
    """The user or item that a dead letter of a record carries."""
    return str(contract["user_id" if stream == "events" else "item_id"])


def of_cases(stream: str, found: Sequence[Case]) -> Kind:
    """The kind of records that have one fault of a list in one field."""

    def make(maker: Maker) -> Made:
        changes, outcome = maker.rng.choice(found)
        record, contract = good(maker, stream)
        value = dumped(changed(record, changes))
        if not isinstance(outcome, str):
            return accepted(value, _without_none({**contract, **outcome}, stream))
        owner: str | None = owner_of(stream, contract)
        fields = " ".join(changes)
        if "customer" in fields or "sku" in fields or fields == "product":
            # It is the owner that cannot be read.
            owner = None
        return broken(value, outcome, owner)

    return make


def _without_none(record: Record, stream: str) -> Record:
    """The record without the fields that are None; an event may be without an id of its own."""
    return {
        name: found
        for name, found in record.items()
        if found is not None or (stream == "events" and name == "event_id")
    }


def ignored_action(maker: Maker) -> Made:
    """An event whose action the mapping leaves out, whatever else is wrong with it."""
    changes = maker.rng.choice(
        ({}, {"customer": None}, {"at": "soon"}, {"stars": {}}, {"lines": 7})
    )
    record, _ = shop.event(maker, what="scrolled", **changes)
    return Made(dumped(record), ignored=1)


def several_lines(maker: Maker) -> Made:
    """An order of several lines, some of which may be broken: good ones are events."""
    record, contract = shop.event(maker)
    skus = [maker.rng.choice(shop.ITEM_IDS[:100]) for _ in range(maker.rng.randrange(2, 6))]
    found: list[Any] = [maker.rng.choice(NO_ID) if maker.rng.random() < 0.4 else s for s in skus]
    record["lines"] = [{"sku": sku} for sku in found]
    message = contract["event_id"]
    events = [
        {**contract, "item_id": sku, "event_id": message if n == 1 else f"{message}-{n}"}
        for n, sku in enumerate(found, start=1)
        if isinstance(sku, str)
    ]
    made = accepted(dumped(record), *events)
    return made if len(events) == len(found) else with_dead(made, "wrong_type", contract["user_id"])


def of_contract(stream: str, kinds: Mapping[str, tuple[Any, float]]) -> Kind:
    """Broken records of the contract, in the wrapping that keeps mappings away from them."""
    names, weights = list(kinds), [weight for _, weight in kinds.values()]
    bounds = Bounds(latest_ms=2**62)

    def make(maker: Maker) -> Made:
        while True:
            fuzzed: Fuzzed = kinds[maker.rng.choices(names, weights)[0]][0](maker, stream)
            wrapped = WRAPPED % fuzzed.raw
            # The oracle says what a line is; one whose end Java or a window decides is drawn again.
            if fuzzed.allowed_reason or b"\n" in wrapped or len(wrapped) > KEPT_BYTES:
                continue
            if _is_larger_object(wrapped) or fuzzed.raw[-1:] == b"\r":
                continue
            try:
                if stream == "events":
                    read_event(fuzzed.raw, ACTIONS, bounds)
                else:
                    read_item(fuzzed.raw, bounds)
            except RejectedError as rejected:
                reason = fuzzed.reason or rejected.reason
                return Made(wrapped, dead=(Dead(reason, fuzzed.raw, rejected.user_id),))
            return Made(wrapped, good=(Good(json.loads(fuzzed.raw)),))

    return make


def _is_larger_object(raw: bytes) -> bool:
    """Whether a line would be an object of several members in the wrapping."""
    try:
        return len(orjson.loads(raw)) > 1
    except orjson.JSONDecodeError:
        return False


def broken_wrapping(stream: str) -> Kind:
    """What begins as the wrapping does and is none."""

    def make(maker: Maker) -> Made:
        record, contract = good(maker, stream)
        if maker.rng.random() < 0.4:
            inside = maker.rng.choice((b"{}", b"7", b'{"user_id":"eve"}', b"null"))
            # A member that happens to have the wrapping's name.
            return accepted(b'{"interestream":%b,' % inside + dumped(record)[1:], contract)
        if maker.rng.random() < 0.4:
            # Not as the wrapping is written, so it is a record without the fields.
            space = maker.rng.choice((b'{ "interestream":%b}', b'{"interestream" :%b}'))
            ours = orjson.dumps(maker.record(stream))
            return broken(space % ours, "missing_field")
        return broken(maker.rng.choice(BROKEN_WRAPPING), "not_json")

    return make


def forged(stream: str) -> Kind:
    """A line that says of itself that it was not decoded."""

    def make(maker: Maker) -> Made:
        record, _ = good(maker, stream)
        tail = maker.rng.choice((b"", b"1,2", dumped(record)))
        return broken(maker.rng.choice(FORGED) + tail, "not_json")

    return make


def of_bytes(stream: str) -> Kind:
    """A good record with a fault below its fields."""

    def make(maker: Maker) -> Made:
        rng, raw = maker.rng, dumped(good(maker, stream)[0])
        inside = raw[1:]
        # What stands in front of a good member of its name does not count, but must be valid.
        front = b"{" + rng.choice((b'"x":', b'"device":', b'"what":', b'"product":'))
        draw = rng.randrange(10)
        if draw == 0:
            return broken(raw[: rng.randrange(1, len(raw))], "not_json")
        if draw == 1:
            at = rng.randrange(len(raw))
            return broken(raw[:at] + rng.choice(kinds_bytes.NOT_UTF8) + raw[at:], "not_utf8")
        if draw == 2:
            value = rng.choice((*kinds_json.NOT_NUMBERS, *kinds_json.NO_DOUBLE))
            return broken(front + value + b"," + inside, "not_json")
        if draw == 3:
            half = rng.choice((b'"\\ud800"', b'["\\udfff"]', b'{"\\ud83dx":1}'))
            return broken(front + half + b"," + inside, "not_json")
        if draw == 4:
            null = rng.choice((b'"\\u0000"', b'[["a\\u0000"]]', b'{"a\\u0000":1}'))
            return broken(b'{"x":' + null + b"," + inside, "null_character")
        if draw == 5:
            levels = rng.choice((200, 201, 255, 300, 1_000, 1_023, 1_025, 5_000))
            return broken(front + b"[" * levels + b"]" * levels + b"," + inside, "not_json")
        if draw == 6:
            text = rng.choice((*kinds_json.BAD_SYNTAX, b"", b" ", b"\t", b"\xef\xbb\xbf" + raw))
            return broken(text, "not_json")
        if draw == 7:
            return broken(rng.choice((*kinds_json.NOT_OBJECTS, b"[" + raw + b"]")), "not_an_object")
        if draw == 8:
            # Five bytes behind which a schema registry's serializer writes the record.
            short = rng.choice((b"\0", b"\0\0\0\0\7", b"\0{}", b"\0\0\0\0\7\0" + raw))
            return broken(short, "not_json")
        filler = rng.choice((b"x", b"[", b"\\u0000", b"\xff")) * 300_000
        return broken(b'{"x":"' + filler + b'",' + inside, "too_large")

    return make


def odd_and_good(stream: str) -> Kind:
    """A good record that looks odd."""

    def make(maker: Maker) -> Made:
        record, contract = good(maker, stream)
        raw = dumped(record)
        front = maker.rng.choice(
            (
                b'{"x":' + b"[" * 199 + b"]" * 199 + b",",
                b'{"x":"' + b"x" * maker.rng.choice((66_000, 200_000)) + b'",',
                b'{"what":{"a":[1]},"product":7,"lines":"","at":null,"customer":[],"withdrawn":1,',
                b"\0\0\0\0\7{",
                b'{ "x" : 1e5 ,\t"y":-0.0,',
                b'{"x":18446744073709551616,"y":[-9223372036854775809],',
                b'{"x":"10000000000000000000000",',
                b'{"a\\"b\\\\u0000":"\\\\u0000",',
            )
        )
        return accepted(front + raw[1:], contract)

    return make


def _kinds(stream: str) -> dict[str, tuple[Kind, float]]:
    found: Mapping[str, Sequence[Case]] = EVENT_CASES if stream == "events" else ITEM_CASES
    kinds: dict[str, tuple[Kind, float]] = {
        f"shape: {name}": (of_cases(stream, some), len(some) ** 0.5) for name, some in found.items()
    }
    kinds |= {
        "shape: bytes": (of_bytes(stream), 8),
        "shape: odd": (odd_and_good(stream), 2),
        "shape: wrapping": (broken_wrapping(stream), 4),
        "shape: forged": (forged(stream), 4),
        "wrapped: bytes": (of_contract(stream, kinds_bytes.KINDS), 2),
        "wrapped: JSON": (of_contract(stream, kinds_json.KINDS), 2),
        "wrapped: fields": (of_contract(stream, kinds_fields.KINDS[stream]), 2),
    }
    if stream == "events":
        kinds |= {"shape: ignored": (ignored_action, 2), "shape: several": (several_lines, 4)}
    return kinds


KINDS: Mapping[str, Mapping[str, tuple[Kind, float]]] = {name: _kinds(name) for name in STREAMS}
"""By stream and name: the function that makes a record, and its relative frequency."""


def draw(maker: Maker, stream: str) -> tuple[str, Made]:
    """A record of any kind, with the kind's name."""
    kinds = KINDS[stream]
    name = maker.rng.choices(list(kinds), [weight for _, weight in kinds.values()])[0]
    return name, kinds[name][0](maker)
