"""Avro with ids of schemas: the wire format of the official client's serializer."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from jobs.formats import Record, Upsert, Withdrawal, decoder
from tests.fakes.registry import FakeRegistry, fake_registry
from tests.jobs.formats.avro_products import (
    PLAIN,
    PRODUCT,
    TYPED,
    datum,
    of_registry,
    record,
)
from tests.jobs.formats.found import reason_of


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as found:
        yield found


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


def test_a_value_without_an_id_is_a_dead_letter(registry):
    decode = decoder(of_registry(registry.url), "items")
    for value in (b"", b"\0\0\0", b'{"id": 7}', b"\1\0\0\0\1"):
        assert reason_of(decode(Record(value))) == "no_schema_id"


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
