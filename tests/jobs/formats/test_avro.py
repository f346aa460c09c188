"""Avro: the wire format of the official client's serializer, schemas of files, logical types."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import fastavro
import pytest
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import ConfigError
from jobs.formats import FormatSettings, Record, SchemaRegistry, Upsert, Withdrawal, decoder
from tests.fakes.registry import FakeRegistry, fake_registry
from tests.jobs.formats.found import reason_of, row_of


def record(*fields, name="Product"):
    return {
        "type": "record",
        "name": name,
        "namespace": "shop",
        "fields": [{"name": field, "type": kind} for field, kind in fields],
    }


def logical(kind, name, **more):
    return {"type": kind, "logicalType": name, **more}


PRODUCT = record(
    ("id", "long"),
    ("title", ["null", "string"]),
    ("price", logical("bytes", "decimal", precision=10, scale=2)),
    ("serial", logical("bytes", "decimal", precision=30)),
    ("made", ["null", logical("long", "timestamp-micros")]),
    ("seen", logical("long", "timestamp-millis")),
    ("day", logical("int", "date")),
    ("opens", logical("int", "time-millis")),
    ("code", logical("string", "uuid")),
    ("local", logical("long", "local-timestamp-millis")),
    ("picture", "bytes"),
    ("kind", {"type": "enum", "name": "Kind", "symbols": ["book", "map"]}),
    ("tags", {"type": "array", "items": "string"}),
    ("days", {"type": "map", "values": logical("int", "date")}),
    ("hash", {"type": "fixed", "name": "Hash", "size": 2}),
    ("either", ["null", "string", logical("long", "timestamp-millis")]),
    ("next", ["null", "shop.Product"]),
)
TYPED = {
    "id": 2**62,
    "title": "Moon",
    "price": Decimal("19.99"),
    "serial": Decimal(2**64),
    "made": datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC),
    "seen": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "day": date(2026, 1, 2),
    "opens": time(12, 34, 56),
    "code": UUID("0f0e0d0c-0b0a-0908-0706-050403020100"),
    "local": datetime(2026, 1, 2, 3, 4, 5),
    "picture": b"\x00\x01\x02\xff",
    "kind": "book",
    "tags": ["night", "sky"],
    "days": {"first": date(1970, 1, 1)},
    "hash": b"\xff\xff",
    "either": datetime(1970, 1, 1, tzinfo=UTC),
    "next": None,
}
PLAIN = {
    "id": 2**62,
    "title": "Moon",
    "price": 19.99,
    "serial": "18446744073709551616",
    "made": "2026-01-02T03:04:05.678901Z",
    "seen": "2026-01-02T03:04:05Z",
    "day": "2026-01-02",
    "opens": "12:34:56",
    "code": "0f0e0d0c-0b0a-0908-0706-050403020100",
    "local": "2026-01-02T03:04:05Z",
    "picture": "AAEC/w==",
    "kind": "book",
    "tags": ["night", "sky"],
    "days": {"first": "1970-01-01"},
    "hash": "//8=",
    "either": "1970-01-01T00:00:00Z",
    "next": None,
}
# A record may hold one of its own kind.
TYPED = {**TYPED, "next": TYPED}
PLAIN = {**PLAIN, "next": PLAIN}


def datum(schema, row):
    stream = BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), row)
    return stream.getvalue()


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as found:
        yield found


def of_registry(url: str, **more: str) -> FormatSettings:
    return FormatSettings.model_validate(
        {"encoding": "avro", "schema_registry": SchemaRegistry(url=url), **more}
    )


def of_file(tmp_path, schema):
    (tmp_path / "product.avsc").write_text(json.dumps(schema))
    return FormatSettings(encoding="avro", schema_file=tmp_path / "product.avsc")


@pytest.mark.cluster
def test_values_and_keys_of_the_official_serializer_with_a_real_registry(schema_registry):
    client = SchemaRegistryClient({"url": schema_registry})
    serialize = AvroSerializer(client, json.dumps(PRODUCT))
    key = AvroSerializer(client, json.dumps(record(("sku", "string"), name="Key")))
    row = {**TYPED, "next": None}
    value = serialize(row, SerializationContext("products", MessageField.VALUE))
    of_key = key({"sku": "b-17"}, SerializationContext("products", MessageField.KEY))
    decode = decoder(of_registry(schema_registry), "items")
    assert value[0] == 0
    assert decode(Record(value, of_key)) == Upsert({**PLAIN, "next": None})
    assert decode(Record(None, of_key)) == Withdrawal({"sku": "b-17"})
    assert reason_of(decode(Record(b"\0\xff\xff\xff\xff\0"))) == "unknown_schema"


@pytest.mark.cluster
def test_a_schema_that_uses_another_one_of_a_real_registry(schema_registry):
    client = SchemaRegistryClient({"url": schema_registry})
    price = record(("cents", "int"), name="Price")
    client.register_schema("shop-price", Schema(json.dumps(price), "AVRO"))
    uses = [SchemaReference("shop.Price", "shop-price", 1)]
    offer = record(("price", "shop.Price"), name="Offer")
    schema_id = client.register_schema("offers-value", Schema(json.dumps(offer), "AVRO", uses))
    decode = decoder(of_registry(schema_registry), "items")
    value = b"\0" + schema_id.to_bytes(4, "big") + b"\x04"
    assert decode(Record(value)) == Upsert({"price": {"cents": 2}})


def test_the_official_serializer_may_write_a_global_id_into_a_header(registry):
    # The client's registry in its own process makes ids of both kinds, which this one then gives.
    client = SchemaRegistryClient.new_client({"url": "mock://headers"})
    conf = {"schema.id.serializer": header_schema_id_serializer}
    serialize = AvroSerializer(client, json.dumps(PRODUCT), conf=conf)
    context = SerializationContext("products", MessageField.VALUE, headers=[])
    value = serialize({**TYPED, "next": None}, context)
    ((name, header),) = context.headers
    assert (name, header[0]) == ("__value_schema_id", 1)
    registry.add(f"/schemas/guids/{UUID(bytes=header[1:])}", PRODUCT)
    decode = decoder(of_registry(registry.url), "items")
    assert decode(Record(value, None, {name: header})) == Upsert({**PLAIN, "next": None})


@pytest.mark.parametrize("prefix", ["bare", "single object"])
def test_values_of_the_schema_of_a_file(tmp_path, prefix):
    decode = decoder(of_file(tmp_path, PRODUCT), "items")
    value = datum(PRODUCT, TYPED)
    if prefix == "single object":
        form = fastavro.schema.to_parsing_canonical_form(PRODUCT)
        digest = fastavro.schema.fingerprint(form, "CRC-64-AVRO")
        value = b"\xc3\x01" + bytes.fromhex(digest) + value
    assert decode(Record(value)) == Upsert(PLAIN)
    assert decode(Record(None, b"b-17")) == Withdrawal({"item_id": "b-17"})


def test_a_single_object_has_the_fingerprint_of_the_specification(tmp_path):
    # The specification's fingerprint of "null" is 63dd24e7cc258f8a, written from its lowest byte;
    # a null value is no row, so its key withdraws the item.
    decode = decoder(of_file(tmp_path, "null"), "items")
    value = b"\xc3\x01" + bytes.fromhex("8a8f25cce724dd63")
    assert decode(Record(value, b"7")) == Withdrawal({"item_id": 7})


def test_times_without_a_zone_are_those_of_the_zone_that_is_set(tmp_path):
    schema = record(("local", logical("long", "local-timestamp-millis")))
    settings = of_file(tmp_path, schema).model_copy(update={"time_zone": "Europe/Berlin"})
    value = datum(schema, {"local": datetime(2026, 1, 2, 3, 4, 5)})
    assert decoder(settings, "items")(Record(value)) == Upsert({"local": "2026-01-02T02:04:05Z"})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "not_avro"),
        (b"\x0e", "not_avro"),
        (b"\x0e\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", "not_avro"),
        (b"\x0e\x02x\0", "not_avro"),
        (b"\x0e\x02\xff", "not_avro"),
        (b'{"id": 7}', "not_avro"),
    ],
)
def test_what_does_not_fit_the_schema_is_a_dead_letter(tmp_path, value, reason):
    decode = decoder(of_file(tmp_path, record(("id", "long"), ("title", "string"))), "items")
    assert reason_of(decode(Record(value))) == reason


def test_no_depth_of_records_in_each_other_ends_the_process(tmp_path):
    schema = record(("next", ["null", "shop.Chain"]), name="Chain")
    decode = decoder(of_file(tmp_path, schema), "items")
    assert decode(Record(b"\2\2\0")) == Upsert({"next": {"next": {"next": None}}})
    assert reason_of(decode(Record(b"\2" * 100_000 + b"\0"))) == "not_avro"
    # As of JSON, 200 levels are read.
    assert "next" in row_of(decode(Record(b"\2" * 199 + b"\0")))
    assert reason_of(decode(Record(b"\2" * 200 + b"\0"))) == "not_avro"


def test_a_text_that_says_it_is_longer_than_the_value_is_a_dead_letter(tmp_path):
    decode = decoder(of_file(tmp_path, record(("title", "string"))), "items")
    for length in (2**20, 2**40, 2**62, 2**63 - 1, -1, -(2**40)):
        number = datum("long", length)
        assert reason_of(decode(Record(number + b"x"))) == "not_avro"


def test_a_value_without_an_id_is_a_dead_letter(registry):
    decode = decoder(of_registry(registry.url), "items")
    for value in (b"", b"\0\0\0", b'{"id": 7}', b"\1\0\0\0\1"):
        assert reason_of(decode(Record(value))) == "no_schema_id"


def test_an_instant_beyond_the_calendar_is_a_dead_letter(tmp_path):
    schema = record(("at", logical("long", "timestamp-micros")))
    decode = decoder(of_file(tmp_path, schema), "items")
    far = datum(record(("at", "long")), {"at": 9_223_372_036_825_200_000})
    assert reason_of(decode(Record(far))) == "not_avro"


CHANGE = record(
    (
        "before",
        [
            "null",
            record(
                ("id", "long"),
                (
                    "price",
                    [
                        "null",
                        {
                            "type": "bytes",
                            "scale": 2,
                            "precision": 10,
                            "connect.version": 1,
                            "connect.parameters": {"scale": "2", "connect.decimal.precision": "10"},
                            "connect.name": "org.apache.kafka.connect.data.Decimal",
                            "logicalType": "decimal",
                        },
                    ],
                ),
                (
                    "made",
                    [
                        "null",
                        {
                            "type": "long",
                            "connect.version": 1,
                            "connect.name": "io.debezium.time.MicroTimestamp",
                        },
                    ],
                ),
                (
                    "noon",
                    {
                        "type": "long",
                        "connect.version": 1,
                        "logicalType": "timestamp-millis",
                        "connect.name": "org.apache.kafka.connect.data.Timestamp",
                    },
                ),
                (
                    "rank",
                    [
                        "null",
                        {
                            "type": "record",
                            "name": "VariableScaleDecimal",
                            "namespace": "io.debezium.data",
                            "fields": [
                                {"name": "scale", "type": "int"},
                                {"name": "value", "type": "bytes"},
                            ],
                            "connect.name": "io.debezium.data.VariableScaleDecimal",
                        },
                    ],
                ),
                ("text", {"type": "string", "connect.name": "io.debezium.data.Json"}),
                name="Value",
            ),
        ],
    ),
    ("after", ["null", "shop.Value"]),
    ("source", record(("table", "string"), name="Source")),
    ("op", "string"),
    name="Envelope",
)
ROW = {
    "id": 7,
    "price": Decimal("-0.01"),
    "made": 1_767_323_045_000_000,
    "noon": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "rank": {"scale": 3, "value": b"\x7d"},
    "text": "{}",
}


@pytest.mark.parametrize(("zone", "time"), [("UTC", "03:04:05"), ("Europe/Berlin", "02:04:05")])
def test_a_change_of_debezium_in_avro_has_plain_values(tmp_path, zone, time):
    # The schema is as Confluent's AvroConverter writes it, from its documentation.
    more = {"envelope": "debezium", "time_zone": zone}
    settings = of_file(tmp_path, CHANGE).model_copy(update=more)
    plain = {
        "id": 7,
        "price": -0.01,
        "made": f"2026-01-02T{time}Z",
        "noon": f"2026-01-02T{time}Z",
        "rank": 0.125,
        "text": "{}",
    }
    change = {"before": None, "after": ROW, "source": {"table": "products"}, "op": "c"}
    decode = decoder(settings, "items")
    assert decode(Record(datum(CHANGE, change))) == Upsert(plain)
    gone = {**change, "before": ROW, "after": None, "op": "d"}
    assert decode(Record(datum(CHANGE, gone))) == Withdrawal(plain)
    hidden = {**ROW, "text": "__debezium_unavailable_value"}
    value = datum(CHANGE, {**change, "after": hidden, "op": "u"})
    assert reason_of(decode(Record(value))) == "unavailable_value"


def test_the_data_of_a_binary_cloudevent_may_be_avro(registry):
    schema = record(("user_id", "string"), name="View")
    registry.add("/schemas/ids/1", schema)
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": b"e-1",
        "ce_source": b"/shop",
        "ce_type": b"viewed",
        "content-type": b"application/avro",
    }
    value = b"\0\0\0\0\1" + datum(schema, {"user_id": "ada"})
    decode = decoder(of_registry(registry.url, envelope="cloudevents"), "events")
    found = decode(Record(value, None, headers))
    assert found == Upsert({"user_id": "ada", "event_id": "/shop e-1"})


@pytest.mark.parametrize("content", ["{", '{"type": "nothing"}'])
def test_a_file_that_is_no_schema_is_a_wrong_setting(tmp_path, content):
    (tmp_path / "x.avsc").write_text(content)
    with pytest.raises(ConfigError, match="is no Avro schema"):
        decoder(FormatSettings(encoding="avro", schema_file=tmp_path / "x.avsc"), "items")


def test_a_file_that_is_not_there_is_a_wrong_setting(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        decoder(FormatSettings(encoding="avro", schema_file=tmp_path / "x.avsc"), "items")


SIMPLE = record(
    ("id", "long"),
    ("ratio", "double"),
    ("name", ["null", "string"]),
    ("raw", "bytes"),
    ("flags", {"type": "array", "items": "boolean"}),
)


@given(
    st.fixed_dictionaries(
        {
            "id": st.integers(-(2**63), 2**63 - 1),
            "ratio": st.floats(allow_nan=False),
            "name": st.none() | st.text(),
            "raw": st.binary(),
            "flags": st.lists(st.booleans()),
        }
    )
)
def test_every_row_comes_back(tmp_path_factory, row):
    decode = decoder(of_file(tmp_path_factory.getbasetemp(), SIMPLE), "items")
    found = row_of(decode(Record(datum(SIMPLE, row))))
    assert {**found, "raw": b64decode(found["raw"])} == row


@given(st.binary())
def test_no_bytes_break_the_decoder(tmp_path_factory, raw):
    decode = decoder(of_file(tmp_path_factory.getbasetemp(), PRODUCT), "items")
    decode(Record(raw))
