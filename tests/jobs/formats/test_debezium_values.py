"""What the schema beside a change says of its values."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.formats import (
    FormatSettings,
    Record,
    Upsert,
    decoder,
)
from tests.jobs.formats.debezium_records import SETTINGS, change, record
from tests.jobs.formats.found import reason_of, row_of

ITEMS = decoder(SETTINGS, "items")


def field(kind, name=None, **parameters):
    schema = {"type": kind, "optional": True, "field": "x"}
    return (
        schema
        | ({"name": name} if name else {})
        | ({"parameters": parameters} if parameters else {})
    )


def with_schema(of_field, value):
    row = {"type": "struct", "fields": [of_field], "optional": True}
    schema = {
        "type": "struct",
        "fields": [{**row, "field": "before"}, {**row, "field": "after"}],
        "name": "shop.Envelope",
    }
    return record({"schema": schema, "payload": change("c", None, {"x": value})})


D, K = "io.debezium.", "org.apache.kafka.connect.data."


# 2026-01-02 is day 20,455; 03:04:05 on it is 1,767,323,045 s; 12:34:56 is 45,296 s.
@pytest.mark.parametrize(
    ("schema", "value", "plain"),
    [
        (field("bytes", K + "Decimal", scale="2"), "B88=", 19.99),
        (field("bytes", K + "Decimal", scale="0"), "Kg==", 42),
        (field("bytes", K + "Decimal", scale="0"), "/w==", -1),
        (field("bytes", K + "Decimal", scale="0"), "AQAAAAAAAAAA", "18446744073709551616"),
        (field("bytes", K + "Decimal", scale="-2"), "BQ==", 500),
        (field("struct", D + "data.VariableScaleDecimal"), {"scale": 1, "value": "BQ=="}, 0.5),
        (field("int32", K + "Date"), 20_455, "2026-01-02"),
        (field("int32", K + "Time"), 45_296_000, "12:34:56"),
        (field("int64", K + "Timestamp"), 1_767_323_045_678, "2026-01-02T03:04:05.678000Z"),
        (field("int32", D + "time.Date"), -1, "1969-12-31"),
        (field("int32", D + "time.Time"), 1, "00:00:00.001000"),
        (field("int64", D + "time.MicroTime"), 45_296_000_001, "12:34:56.000001"),
        (field("int64", D + "time.MicroTime"), 86_400_000_000, 86_400_000_000),
        (field("int64", D + "time.NanoTime"), 45_296_000_001_999, "12:34:56.000001"),
        (field("int64", D + "time.Timestamp"), 1_767_323_045_000, "2026-01-02T03:04:05Z"),
        (field("int64", D + "time.MicroTimestamp"), -1, "1969-12-31T23:59:59.999999Z"),
        # What Postgres calls infinity.
        (
            field("int64", D + "time.MicroTimestamp"),
            9_223_372_036_825_200_000,
            9_223_372_036_825_200_000,
        ),
        (
            field("int64", D + "time.NanoTimestamp"),
            1_767_323_045_000_001_999,
            "2026-01-02T03:04:05.000001Z",
        ),
        (
            field("string", D + "time.ZonedTimestamp"),
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05Z",
        ),
        (field("string", D + "data.Json"), '{"a": 1}', '{"a": 1}'),
        (field("string", D + "data.Enum", allowed="a,b"), "a", "a"),
        (field("string", D + "data.Uuid"), "0f0e", "0f0e"),
        (field("bytes"), "AAE=", "AAE="),
        (field("int32", D + "time.Year"), 2026, 2026),
        (
            field("array") | {"items": {"type": "int32", "name": D + "time.Date"}},
            [0, None],
            ["1970-01-01", None],
        ),
        (
            field("map")
            | {
                "keys": {"type": "string"},
                "values": {"type": "int32", "name": D + "time.Date"},
            },
            {"a": 0},
            {"a": "1970-01-01"},
        ),
        (field("int32", D + "time.Date"), None, None),
    ],
)
def test_values_are_plain_where_a_schema_says_what_they_are(schema, value, plain):
    assert ITEMS(with_schema(schema, value)) == Upsert({"x": plain})


def test_times_without_a_zone_are_those_of_the_zone_that_is_set():
    decode = decoder(FormatSettings(envelope="debezium", time_zone="Europe/Berlin"), "items")
    schema = field("int64", D + "time.Timestamp")
    # A clock in Berlin that shows 03:04:05 in winter, and in summer (2026-07-02).
    assert decode(with_schema(schema, 1_767_323_045_000)) == Upsert({"x": "2026-01-02T02:04:05Z"})
    assert decode(with_schema(schema, 1_782_961_445_000)) == Upsert({"x": "2026-07-02T01:04:05Z"})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (field("bytes", K + "Decimal", scale="2"), "no base64"),
        (field("bytes", K + "Decimal", scale="2"), 7),
        (field("bytes", K + "Decimal", scale="-999999"), "AQ=="),
        (field("bytes", K + "Decimal", scale="2"), base64.b64encode(b"\x7f" * 200).decode()),
        (field("int32", D + "time.Date"), "soon"),
        (field("struct", D + "data.VariableScaleDecimal"), {"scale": 1}),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_a_dead_letter(schema, value):
    assert reason_of(ITEMS(with_schema(schema, value))) == "unfit_value"


def test_a_schema_that_is_none_is_a_dead_letter():
    schema = field("bytes", K + "Decimal")
    assert reason_of(ITEMS(with_schema(schema, "AQ=="))) == "bad_schema"
    assert reason_of(ITEMS(record({"schema": {"type": "struct"}, "payload": {}}))) == "bad_schema"


def test_no_text_of_a_row_holds_a_null_character():
    for value in (change("c", None, {"x": "a\0"}), with_schema(field("string"), "a\0").value):
        given = Record(value) if isinstance(value, bytes) else record(value)
        assert reason_of(ITEMS(given)) == "null_character"
    value = with_schema(field("string"), "a").value
    decode = decoder(SETTINGS, "items")
    assert decode(Record(value)) == Upsert({"x": "a"})
    broken = value.replace(b'"x":"a"', b'"x":"\\u0000"')
    assert reason_of(decode(Record(broken))) == "null_character"


def test_a_schema_that_changes_is_seen():
    decode = decoder(SETTINGS, "items")
    days, numbers = field("int32", D + "time.Date"), field("int32")
    found = [row_of(decode(with_schema(schema, 0)))["x"] for schema in (days, days, numbers, days)]
    assert found == ["1970-01-01", "1970-01-01", 0, "1970-01-01"]


def test_a_record_that_begins_as_another_one_is_read_whole():
    decode = decoder(SETTINGS, "items")
    whole = with_schema(field("int32"), 7).value
    assert decode(Record(whole)) == Upsert({"x": 7})
    # Three members are no schema and its payload, but a row.
    assert row_of(decode(Record(whole[:-1] + b',"more":1}'))).keys() == {
        "schema",
        "payload",
        "more",
    }
    assert reason_of(decode(Record(whole[:-2]))) == "not_json"
    # Of two members of one name the last one counts.
    assert decode(Record(whole[:-1] + b',"payload":{"y":1}}')) == Upsert({"y": 1})
    assert decode(Record(whole)) == Upsert({"x": 7})


@given(st.integers(-(10**30), 10**30), st.integers(0, 12))
def test_decimals_are_the_numbers_that_they_stand_for(unscaled, scale):
    length = unscaled.bit_length() // 8 + 1
    text = base64.b64encode(unscaled.to_bytes(length, "big", signed=True)).decode()
    found = ITEMS(with_schema(field("bytes", K + "Decimal", scale=str(scale)), text))
    found = row_of(found)["x"]
    if scale:
        assert found == float(f"{unscaled}e-{scale}")
    else:
        assert int(found) == unscaled
