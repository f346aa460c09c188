"""Debezium's envelope in JSON: what each kind of record says, and what is none."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.formats import (
    FormatSettings,
    Ignored,
    Record,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
    decoder,
)
from tests.jobs.formats.found import reason_of, row_of

SETTINGS = FormatSettings(envelope="debezium")
ITEMS = decoder(SETTINGS, "items")
EVENTS = decoder(SETTINGS, "events")
SOURCE = {"connector": "postgresql", "db": "shop", "table": "products"}
HIDDEN = "__debezium_unavailable_value"


def change(op, before=None, after=None, **more):
    return {"before": before, "after": after, "source": SOURCE, "op": op, "ts_ms": 1, **more}


def record(value, key=None, headers=None):
    encoded = None if value is None else orjson.dumps(value)
    return Record(encoded, None if key is None else orjson.dumps(key), headers)


@pytest.mark.parametrize(
    ("op", "item", "event"),
    [
        ("c", Upsert({"id": 2}), Upsert({"id": 2})),
        ("r", Upsert({"id": 2}), Upsert({"id": 2})),
        ("u", Upsert({"id": 2}), Ignored("update of an event")),
        ("d", Withdrawal({"id": 1}), Ignored("deletion of an event")),
        ("t", Truncation(), Ignored("truncation of a table")),
        ("m", Ignored("logical message"), Ignored("logical message")),
    ],
)
def test_items_follow_the_table_and_events_happen_once(op, item, event):
    value = record(change(op, {"id": 1}, {"id": 2}))
    assert ITEMS(value) == item
    assert EVENTS(value) == event
    assert decoder(SETTINGS, "control")(value) == event


def test_a_deleted_row_without_its_old_values_is_known_by_its_key():
    assert ITEMS(record(change("d"), {"id": 1})) == Withdrawal({"id": 1})
    nameless = Undecodable("no_row", "a row is deleted that neither 'before' nor a key names")
    assert ITEMS(record(change("d"))) == nameless


@pytest.mark.parametrize("value", [None, b"null", b'{"schema": null, "payload": null}'])
def test_a_tombstone_withdraws_the_item_of_its_key_once_more(value):
    assert ITEMS(Record(value, b'{"id": 1}')) == Withdrawal({"id": 1})
    assert ITEMS(Record(value)) == Ignored("tombstone without a key")
    assert EVENTS(Record(value, b'{"id": 1}')) == Ignored("tombstone")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"ts_ms": 1_767_323_045_000}, "heartbeat"),
        (
            {"status": "BEGIN", "id": "1:2", "event_count": None, "data_collections": None},
            "transaction",
        ),
        (
            {"source": SOURCE, "databaseName": "shop", "ddl": "ALTER ...", "ts_ms": 1},
            "schema change",
        ),
        ({"source": SOURCE, "ddl": None, "tableChanges": []}, "schema change"),
        ({"id": "1", "type": "x", "aggregate_type": "y", "additional_data": {}}, "notification"),
    ],
)
def test_records_without_rows_are_ignored(value, reason):
    assert ITEMS(record(value)) == EVENTS(record(value)) == Ignored(reason)


def test_a_row_may_have_the_names_of_the_envelope():
    row = {"id": 1, "op": "u", "source": "web", "ts_ms": 5}
    assert EVENTS(record(row)) == Upsert(row)


@pytest.mark.parametrize(
    ("extra", "item", "event"),
    [
        ({"__deleted": "true"}, Withdrawal, Ignored),
        ({"__deleted": "false"}, Upsert, Upsert),
        ({"__op": "d"}, Withdrawal, Ignored),
        ({"__op": "u"}, Upsert, Ignored),
        ({"__op": "r"}, Upsert, Upsert),
        ({}, Upsert, Upsert),
    ],
)
def test_a_flattened_row_says_itself_what_became_of_it(extra, item, event):
    value = record({"id": 1, **extra})
    assert (type(ITEMS(value)), type(EVENTS(value))) == (item, event)


@pytest.mark.parametrize("text", [b"u", b'"u"'])
def test_a_header_may_say_what_became_of_a_flattened_row(text):
    value = record({"id": 1}, None, {"__op": text})
    assert EVENTS(value) == Ignored("update of an event")
    assert ITEMS(value) == Upsert({"id": 1})


HIDDEN_IN_BYTES = base64.b64encode(HIDDEN.encode()).decode()


@pytest.mark.parametrize("hidden", [HIDDEN, HIDDEN_IN_BYTES, [HIDDEN], {HIDDEN: HIDDEN}])
def test_a_column_that_was_not_logged_never_becomes_a_text(hidden):
    after = {"id": 1, "text": hidden}
    for value in (change("u", {"id": 1}, after), change("u", None, after), after):
        found = ITEMS(record(value))
        assert isinstance(found, Undecodable)
        assert found.reason == "unavailable_value"
        assert "'text'" in found.detail
        assert "REPLICA IDENTITY FULL" in found.detail


def test_a_column_that_was_not_logged_is_taken_from_before_the_change():
    before, after = {"id": 1, "text": "old"}, {"id": 2, "text": HIDDEN}
    assert ITEMS(record(change("u", before, after))) == Upsert({"id": 2, "text": "old"})
    # Before it, too, the text may be nothing.
    before["text"] = None
    assert ITEMS(record(change("u", before, after))) == Upsert({"id": 2, "text": None})


def test_a_deleted_row_is_known_without_the_columns_that_were_not_logged():
    value = record(change("d", {"id": 1, "text": HIDDEN}))
    assert ITEMS(value) == Withdrawal({"id": 1})


def test_the_text_in_its_place_can_be_another_one():
    decode = decoder(FormatSettings(envelope="debezium", unavailable_value="?"), "items")
    assert reason_of(decode(record(change("u", None, {"text": "?"})))) == "unavailable_value"
    assert decode(record(change("u", None, {"text": HIDDEN}))) == Upsert({"text": HIDDEN})


def test_documents_of_mongodb_are_texts_of_json():
    value = change("c", None, '{"_id": {"$oid": "64"}, "title": "Moon"}')
    assert ITEMS(record(value)) == Upsert({"_id": {"$oid": "64"}, "title": "Moon"})


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (change("c"), "no_row", "op is 'c', and 'after' holds no row"),
        (change("u", {"id": 1}), "no_row", "op is 'u', and 'after' holds no row"),
        (change("x"), "not_debezium", "op is 'x', not one of c, r, u, d, t, m"),
        (change("c", None, 7), "not_debezium", "'after' is a int, not a row"),
    ],
)
def test_what_is_no_change_says_why(value, reason, detail):
    assert ITEMS(record(value)) == Undecodable(reason, detail)


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
    assert reason_of(ITEMS(with_schema(schema, value))) == "bad_value"


def test_a_schema_that_is_none_is_a_dead_letter():
    schema = field("bytes", K + "Decimal")
    assert reason_of(ITEMS(with_schema(schema, "AQ=="))) == "bad_schema"
    assert reason_of(ITEMS(record({"schema": {"type": "struct"}, "payload": {}}))) == "bad_schema"


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
