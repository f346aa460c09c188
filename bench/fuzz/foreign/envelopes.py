"""Records in the envelopes of Debezium and CloudEvents, whose rows are records of the contract."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bench.fuzz.foreign import shop
from bench.fuzz.foreign.made import Kind, Made, Record, accepted, broken, dumped
from bench.fuzz.good import Maker

PLACEHOLDER = "__debezium_unavailable_value"
"""What Debezium writes in the place of a text that was not logged."""


def _row(maker: Maker, stream: str) -> Record:
    """A record of the contract, as a row of a table."""
    return shop.event(maker)[1] if stream == "events" else shop.item(maker)[1]


def debezium(stream: str) -> Kind:
    """A change of a table in Debezium's envelope, whose rows are records of the contract."""

    def make(maker: Maker) -> Made:
        row = _row(maker, stream)
        owner = str(row["user_id" if stream == "events" else "item_id"])
        name = "action" if stream == "events" else "title"
        key = dumped({"item_id": row.get("item_id")})
        source = {"db": "shop"}
        envelope: Record = {"op": "c", "before": None, "after": row, "source": source, "ts_ms": 7}
        is_item = stream == "items"
        gone = {"item_id": row["item_id"], "available": False}

        def of(outcome: Any, **changes: Any) -> Made:
            value = dumped({**envelope, **changes})
            if outcome is None:
                return Made(value, ignored=1, key=key)
            if isinstance(outcome, str):
                return broken(value, outcome, key=key)
            return accepted(value, outcome, key=key)

        choices = (
            *(of(row, op=op) for op in ("c", "r")),
            of(row if is_item else None, op="u"),
            of(row, after=dumped(row).decode()),
            of(gone if is_item else None, op="d", before=row, after=None),
            of(gone if is_item else None, op="d", before=None, after=None),
            of(None, op="m"),
            *(of("not_debezium", op=op) for op in ("x", "", "C", "create")),
            *(of("no_row", after=after) for after in (None,)),
            *(of("not_debezium", after=after) for after in (7, True, [], [row], 1.5)),
            *(of("not_json", after=after) for after in ("", "{", "tea")),
            of("missing_field", after={}),
            of("unavailable_value", after={**row, name: PLACEHOLDER}),
            of(row, after={**row, name: PLACEHOLDER}, before=row),
            of("unavailable_value", after={**row, name: PLACEHOLDER}, before={"x": 1}),
            replace(of(None), value=dumped({"ts_ms": 7})),
            replace(of(None), value=dumped({"tableChanges": [], "source": source})),
            *(broken(dumped(one), "not_an_object", key=key) for one in ([], 7, "c", [envelope])),
            broken(dumped({**envelope, "after": {**row, name: {"a": 1}}}), "wrong_type", owner),
            # Flattened rows: ExtractNewRecordState.
            accepted(dumped({**row, "__op": "c"}), {**row, "__op": "c"}),
            broken(dumped({**row, name: None, "__op": "r"}), "missing_field", owner),
            broken(dumped(envelope)[:-9], "not_json"),
            broken(b"", "not_json"),
            Made(None, ignored=1),
        )
        return maker.rng.choice(choices)

    return make


def cloudevent(stream: str) -> Kind:
    """A CloudEvent whose data is a record of the contract."""

    def make(maker: Maker) -> Made:
        row = _row(maker, stream)
        owner = str(row["user_id" if stream == "events" else "item_id"])
        name = "action" if stream == "events" else "title"
        no_version: tuple[Any, ...] = (None, "0.3", 1.0, 1, "", {})
        no_id: tuple[Any, ...] = (None, "", 7, [], {})
        envelope: Record = {
            "specversion": "1.0",
            "id": f"c-{maker.number()}",
            "source": "/shop",
            "type": "looked",
            "time": "2025-06-15T12:00:00Z",
            "data": row,
        }

        def of(outcome: Any, **changes: Any) -> Made:
            value = dumped({n: v for n, v in {**envelope, **changes}.items() if v is not None})
            return broken(value, outcome) if isinstance(outcome, str) else accepted(value, outcome)

        wrong = dumped({**envelope, "data": {**row, name: None}})
        binary = {f"ce_{n}": str(v).encode() for n, v in envelope.items() if n != "data"}
        choices = [
            of(row),
            of(row, datacontenttype="application/json; charset=utf-8"),
            *(of("not_cloudevent", specversion=one) for one in no_version),
            *(of("not_cloudevent", id=one) for one in no_id),
            *(of("not_cloudevent", source=one) for one in (None, "", 7)),
            *(of("not_cloudevent", type=one) for one in (None, "", True)),
            *(of("not_an_object", data=one) for one in (None, 7, "{}", [row], True)),
            of("not_json", data_base64="e30="),
            of("not_json", datacontenttype="text/xml"),
            broken(wrong, "missing_field", owner),
            accepted(dumped(row), row, headers=binary),
            accepted(dumped(row), row, headers={**binary, "content-type": b"application/json"}),
            broken(dumped(row)[:-3], "not_json", headers=binary),
            broken(dumped([row]), "not_an_object", headers=binary),
            broken(b"", "not_an_object", headers=binary),
            broken(dumped(row), "not_utf8", headers={**binary, "ce_id": b"\xff"}),
            broken(dumped(row), "not_cloudevent", headers={**binary, "ce_id": b""}),
            broken(dumped(row), "not_cloudevent", headers={**binary, "ce_type": None}),
            broken(dumped(row), "not_json", headers={**binary, "content-type": b"text/plain"}),
            broken(
                dumped([envelope]),
                "not_cloudevent",
                headers={"content-type": b"application/cloudevents-batch+json"},
            ),
            broken(
                dumped(envelope),
                "not_cloudevent",
                headers={"content-type": b"application/cloudevents+avro"},
            ),
            broken(b"", "not_json"),
            broken(dumped([envelope]), "not_an_object"),
        ]
        return maker.rng.choice(choices)

    return make


ENVELOPE_KINDS: Mapping[str, Mapping[str, Kind]] = {
    stream: {"debezium": debezium(stream), "cloudevents": cloudevent(stream)}
    for stream in ("events", "items")
}
"""By stream and envelope: records whose rows are records of the contract."""
