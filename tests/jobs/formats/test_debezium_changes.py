"""Debezium's own records of a table, from its connector of Postgres: recorded, and made anew."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from jobs.formats import (
    FormatSettings,
    Ignored,
    Record,
    SchemaRegistry,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
    decoder,
)
from tests.fakes.registry import fake_registry
from tests.fixtures.debezium.change_stream import Topics, saved_changes

FOLDER = Path(__file__).parents[2] / "fixtures" / "debezium"
RECORDED = FOLDER / "recorded-3.2.0.jsonl"
IN_AVRO = FOLDER / "recorded-avro.jsonl"
SETTINGS = FormatSettings(envelope="debezium")

MOON = {
    "id": 1,
    "title": "The Moon",
    "description": "craters " * 300,
    "price": 19.99,
    "rank": 0.125,
    "serial": "1234567890123456789012",
    "made": "2026-01-02T03:04:05.678901Z",
    "changed": "2026-01-02T01:04:05.000000Z",
    "released": "2026-01-02",
    "opens": "12:34:56.500000",
    "attributes": '{"pages": 120}',
    "kind": "book",
    "code": "0f0e0d0c-0b0a-0908-0706-050403020100",
    "tags": ["night", "sky"],
    "picture": "AAEC/w==",
    "hidden": False,
    "stars": 4.5,
}
# 19.99, 25.00 and -0.01 are 1999 = 0x07cf, 2500 = 0x09c4 and -1 = 0xff hundredths; 0.125 is 125 =
# 0x7d thousandths.
BARE_MOON = {
    **MOON,
    "price": "B88=",
    "rank": {"scale": 3, "value": "fQ=="},
    "serial": "Qu0SOwvYIDoU",
    "made": 1_767_323_045_678_901,
    "released": 20_455,
    "opens": 45_296_500_000,
}
NOTHING = dict.fromkeys(MOON)
NOT_LOGGED = Undecodable(
    "unavailable_value",
    "column 'description' was not logged since it did not change: set REPLICA IDENTITY FULL on the"
    " table, or leave the column out (column.exclude.list)",
)


def expected(moon, hundredths):
    """What becomes of the changes, in their order; `hundredths` writes a price."""
    mars = {**NOTHING, "id": 2, "title": "Mars", "price": hundredths[-1]}
    later = {**moon, "price": hundredths[2500]}
    return [
        Upsert(moon),
        Upsert(mars),
        NOT_LOGGED,
        Upsert(later),
        Withdrawal(mars),
        Withdrawal({"id": 2}, told_before=True),
        Withdrawal(later),
        Withdrawal({"id": 1}, told_before=True),
        Upsert({**later, "id": 3}),
        Truncation(),
        Upsert({**NOTHING, "id": 9, "title": "The end"}),
    ]


@pytest.fixture(scope="module")
def changes() -> Topics:
    return saved_changes(RECORDED)


def decoded(records, stream="items"):
    decode = decoder(SETTINGS, stream)
    return [decode(record) for record in records]


def test_changes_with_schemas_have_plain_values(changes: Topics) -> None:
    found = decoded(changes["typed.public.products"])
    assert found == expected(MOON, {2500: 25.0, -1: -0.01})


def test_changes_without_schemas_have_what_debezium_wrote(changes: Topics) -> None:
    found = decoded(changes["plain.public.products"])
    assert found == expected(BARE_MOON, {2500: "CcQ=", -1: "/w=="})


def test_flattened_rows_say_themselves_whether_they_are_gone(changes: Topics) -> None:
    def flat(row, op):
        deleted = "true" if op == "d" else "false"
        return {**row, "__deleted": deleted, "__op": op}

    mars = {**NOTHING, "id": 2, "title": "Mars", "price": -0.01}
    later = {**MOON, "price": 25.0}
    # The transformation makes no record of a truncation.
    assert decoded(changes["flat.public.products"]) == [
        Upsert(flat(MOON, "r")),
        Upsert(flat(mars, "c")),
        NOT_LOGGED,
        Upsert(flat(later, "u")),
        Withdrawal(flat(mars, "d")),
        Withdrawal(flat(later, "d")),
        Upsert(flat({**later, "id": 3}, "c")),
        Upsert(flat({**NOTHING, "id": 9, "title": "The end"}, "c")),
    ]


def test_rows_of_a_table_of_events_count_once(changes: Topics) -> None:
    for topic in ("typed.public.products", "flat.public.products"):
        found = decoded(changes[topic], "events")
        rows = [one.row["id"] for one in found if isinstance(one, Upsert)]
        assert rows == [1, 2, 3, 9]
        assert {type(one) for one in found} == {Upsert, Ignored}


def test_what_is_no_row_is_ignored(changes: Topics) -> None:
    reasons = {
        topic: {one.reason if isinstance(one, Ignored) else one for one in decoded(records)}
        for topic, records in changes.items()
        if not topic.endswith(".products")
    }
    assert reasons == {
        "__debezium-heartbeat.plain": {"heartbeat"},
        "plain.transaction": {"transaction"},
        "plain.message": {"logical message"},
        "typed.message": {"logical message"},
        "flat.message": {"logical message"},
    }


def test_changes_in_avro_have_the_values_of_those_with_schemas() -> None:
    # The records with schemas, written by Apicurio's converter (ToAvro.java beside them).
    lines = [json.loads(line) for line in IN_AVRO.read_text().splitlines()]
    with fake_registry() as registry:
        for line in lines:
            if "schema" in line:
                registry.answers[f"/schemas/ids/{line['schema']}"] = (200, line["answer"])
        settings = FormatSettings(
            encoding="avro", envelope="debezium", schema_registry=SchemaRegistry(url=registry.url)
        )
        decode = decoder(settings, "items")
        found = [
            decode(Record(line["value"] and b64decode(line["value"]), b64decode(line["key"] or "")))
            for line in lines
            if "value" in line
        ]
    assert found == expected(MOON, {2500: 25.0, -1: -0.01})


@pytest.mark.cluster
@pytest.mark.long
def test_the_connector_writes_what_was_recorded(change_stream: Topics, changes: Topics) -> None:
    assert change_stream.keys() == changes.keys()
    for topic, records in change_stream.items():
        if topic.endswith(".products"):
            assert decoded(records) == decoded(changes[topic])
        else:
            assert {type(one) for one in decoded(records)} == {Ignored}
