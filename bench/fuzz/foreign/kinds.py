"""Kinds of records of another shape: wrong fields, wrong bytes, and what stands for our own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from bench.fuzz import kinds_bytes, kinds_fields, kinds_json
from bench.fuzz.foreign import byte_kinds, shop
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
from bench.fuzz.good import ITEM_IDS, PLAIN_ITEMS, Maker
from bench.verify.recompute import ACTIONS, Bounds
from bench.verify.recompute.rejection import RejectedError
from bench.verify.recompute.validation import read_event, read_item

STREAMS = ("events", "items")
BOUNDS = Bounds(latest_ms=4_102_444_800_000)
"""What a record may hold; no time of a kind lies between the end of a run and the year 2100."""
WRAPPED = b'{"interestream":%b}'
"""A record of the contract in a stream of another shape."""


def owner_of(stream: str, contract: Record) -> str:
    """The user or item that a dead letter of a record carries."""
    return str(contract["user_id" if stream == "events" else "item_id"])


def of_cases(stream: str, found: Sequence[Case]) -> Kind:
    """The kind of records that have one fault of a list in one field."""

    def make(maker: Maker) -> Made:
        changes, outcome = maker.rng.choice(found)
        record, contract = shop.good(maker, stream)
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
    name, wrong = maker.rng.choice(
        (("x", 1), ("customer", None), ("at", "soon"), ("stars", {}), ("lines", 7))
    )
    record, _ = shop.event(maker, what="scrolled", **{name: wrong})
    return Made(dumped(record), ignored=1)


def several_lines(maker: Maker) -> Made:
    """An order of several lines, some of which may be broken: good ones are events."""
    record, contract = shop.event(maker)
    skus = [maker.rng.choice(ITEM_IDS[:PLAIN_ITEMS]) for _ in range(maker.rng.randrange(2, 6))]
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
                    read_event(fuzzed.raw, ACTIONS, BOUNDS)
                else:
                    read_item(fuzzed.raw, BOUNDS)
            except RejectedError as rejected:
                owner = rejected.user_id or rejected.item_id
                return Made(wrapped, dead=(Dead(fuzzed.reason, fuzzed.raw, owner),))
            return Made(wrapped, good=(Good(json.loads(fuzzed.raw)),))

    return make


def _is_larger_object(raw: bytes) -> bool:
    """Whether a line would be an object of several members in the wrapping."""
    try:
        return len(orjson.loads(raw)) > 1
    except orjson.JSONDecodeError:
        return False


def _kinds(stream: str) -> dict[str, tuple[Kind, float]]:
    found: Mapping[str, Sequence[Case]] = EVENT_CASES if stream == "events" else ITEM_CASES
    kinds: dict[str, tuple[Kind, float]] = {
        f"shape: {name}": (of_cases(stream, some), len(some) ** 0.5) for name, some in found.items()
    }
    kinds |= {
        "shape: bytes": (byte_kinds.of_bytes(stream), 8),
        "shape: odd": (byte_kinds.odd_and_good(stream), 2),
        "shape: wrapping": (byte_kinds.broken_wrapping(stream), 4),
        "shape: forged": (byte_kinds.forged(stream), 4),
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
