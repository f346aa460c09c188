"""CloudEvents 1.0: structured and binary, with a mapping and without."""

import json
from typing import Any

import pytest

from jobs.formats import FormatSettings, Record, Undecodable, Upsert, Withdrawal, decoder
from tests.jobs.formats.found import reason_of, row_of

SETTINGS = FormatSettings(envelope="cloudevents")
DATA = {"user_id": "ada", "action": "view", "item_id": "b-17"}
VIEW: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/shop/web",
    "type": "shop.viewed",
    "subject": "b-17",
    "time": "2026-01-02T03:04:05Z",
    "datacontenttype": "application/json",
    "data": DATA,
}
HEADERS = {
    "content-type": b"application/json; charset=utf-8",
    "ce_specversion": b"1.0",
    "ce_id": b"e-1",
    "ce_source": b"/shop/web",
    "ce_type": b"shop.viewed",
    "ce_subject": b"b-17",
    "ce_time": b"2026-01-02T03:04:05Z",
    "traceparent": b"00-1",
}
RECORD = {
    "user_id": "ada",
    "action": "view",
    "item_id": "b-17",
    "event_id": "/shop/web e-1",
    "event_time": "2026-01-02T03:04:05Z",
}


def structured(**changes):
    event = {name: one for name, one in {**VIEW, **changes}.items() if one is not None}
    return Record(json.dumps(event).encode())


def binary(data=DATA, **changes):
    headers = {**HEADERS, **{name.replace("__", "-"): one for name, one in changes.items()}}
    kept = {name: one for name, one in headers.items() if one is not None}
    return Record(None if data is None else json.dumps(data).encode(), None, kept)


@pytest.mark.parametrize("record", [structured(), binary()], ids=["structured", "binary"])
def test_a_mapping_reads_the_whole_event(record):
    assert decoder(SETTINGS, "events", mapped=True)(record) == Upsert(VIEW)


@pytest.mark.parametrize("record", [structured(), binary()], ids=["structured", "binary"])
def test_without_a_mapping_the_data_is_a_record_with_the_id_and_time_of_the_event(record):
    assert decoder(SETTINGS, "events")(record) == Upsert(RECORD)


def test_an_id_and_a_time_in_the_data_stay():
    data = {**DATA, "event_id": 7, "event_time": 1767323045000}
    assert decoder(SETTINGS, "events")(structured(data=data)) == Upsert(data)


def test_an_event_without_a_time_gives_its_data_none():
    found = decoder(SETTINGS, "events")(structured(time=None))
    assert found == Upsert({name: one for name, one in RECORD.items() if name != "event_time"})


def test_the_same_id_of_two_sources_is_two_events():
    decode = decoder(SETTINGS, "events")
    ids = {row_of(decode(structured(source=one)))["event_id"] for one in ("/web", "/app")}
    assert ids == {"/web e-1", "/app e-1"}


def test_an_id_that_would_be_too_long_is_its_hash():
    found = decoder(SETTINGS, "events")(structured(source="/" + "x" * 300))
    assert len(row_of(found)["event_id"]) == 32


@pytest.mark.parametrize("stream", ["items", "control"])
def test_items_and_commands_are_the_data_as_it_stands(stream):
    assert decoder(SETTINGS, stream)(structured()) == Upsert(DATA)


def test_the_kind_of_content_says_that_the_value_is_the_whole_event():
    record = Record(structured().value, None, {"content-type": b"application/cloudevents+json"})
    assert decoder(SETTINGS, "events")(record) == Upsert(RECORD)


def test_attributes_of_an_extension_are_kept():
    found = decoder(SETTINGS, "events", mapped=True)(binary(ce_tenant="münchen".encode()))
    assert found == Upsert({**VIEW, "tenant": "münchen"})


def test_an_event_may_have_no_data_for_a_mapping():
    found = decoder(SETTINGS, "events", mapped=True)(binary(data=None))
    assert found == Upsert({name: one for name, one in VIEW.items() if name != "data"})


def test_a_null_value_withdraws_the_item_of_its_key():
    assert decoder(SETTINGS, "items")(Record(None, b"b-17")) == Withdrawal({"item_id": "b-17"})


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        (structured(id=None), "not_cloudevent", "id is missing"),
        (structured(source=""), "not_cloudevent", "source is missing"),
        (structured(type=7), "not_cloudevent", "type is missing"),
        (structured(specversion=None), "not_cloudevent", "specversion is missing"),
        (structured(specversion="0.3"), "not_cloudevent", "specversion is '0.3'"),
        (binary(ce_type=None), "not_cloudevent", "type is missing"),
        (structured(data=None), "not_an_object", "no data"),
        (structured(data=[1]), "not_an_object", "data is a list"),
        (structured(data_base64="AA=="), "not_json", "data_base64: data that is not JSON"),
        (structured(datacontenttype="text/xml"), "not_json", "data of text/xml, not of JSON"),
        (binary(content__type=b"text/xml"), "not_json", "data of text/xml, not of JSON"),
        (binary(ce_id=b"\xff"), "not_utf8", "header ce_id"),
        (binary(ce_id=b"a\0"), "null_character", "header ce_id"),
        (
            Record(b"[]", None, {"content-type": b"application/cloudevents-batch+json"}),
            "not_cloudevent",
            "a batch of events: send one event a record",
        ),
        (
            Record(b"", None, {"content-type": b"application/cloudevents+avro"}),
            "not_cloudevent",
            "an envelope of application/cloudevents+avro: JSON is read",
        ),
        (Record(b"{}"), "not_cloudevent", "specversion is missing"),
    ],
)
def test_what_is_no_event_says_why(record, reason, detail):
    assert decoder(SETTINGS, "events")(record) == Undecodable(reason, detail)


def test_data_that_is_broken_json_is_a_dead_letter():
    record = Record(b"{", None, HEADERS)
    assert reason_of(decoder(SETTINGS, "events")(record)) == "not_json"
