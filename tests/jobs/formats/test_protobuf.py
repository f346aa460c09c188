"""Protobuf: the wire format of the official client's serializer, descriptor sets, plain values."""

import base64
from collections.abc import Iterator

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jobs.errors import ConfigError
from jobs.formats import Record, Upsert, Withdrawal, decoder
from tests.fakes.registry import FakeRegistry, fake_registry
from tests.jobs.formats.found import reason_of, row_of
from tests.jobs.formats.protobuf_products import (
    EMPTY,
    FILES,
    FULL,
    PLAIN,
    Inner,
    Price,
    Product,
    of_file,
    of_registry,
)


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with fake_registry() as found:
        uses = [{"name": "shop/price.proto", "subject": "price", "version": 3}]
        price, product = (base64.b64encode(file.SerializeToString()).decode() for file in FILES)
        found.add("/subjects/price/versions/3", price, schemaType="PROTOBUF")
        found.add("/schemas/ids/1", product, schemaType="PROTOBUF", references=uses)
        yield found


@pytest.mark.cluster
@pytest.mark.parametrize(
    ("message", "row"),
    [(FULL, PLAIN), (Product(), EMPTY), (Inner(x=7), {"x": 7})],
    ids=["full", "empty", "nested"],
)
def test_values_of_the_official_serializer_with_a_real_registry(schema_registry, message, row):
    client = SchemaRegistryClient({"url": schema_registry})
    serialize = ProtobufSerializer(type(message), client)
    value = serialize(message, SerializationContext("products", MessageField.VALUE))
    key = ProtobufSerializer(Price, client)(
        Price(cents=7), SerializationContext("products", MessageField.KEY)
    )
    decode = decoder(of_registry(schema_registry), "items")
    assert value[0] == 0
    assert decode(Record(value, key)) == Upsert(row)
    assert decode(Record(None, key)) == Withdrawal({"cents": 7})


def test_the_official_serializer_may_write_id_and_place_into_a_header(registry):
    client = SchemaRegistryClient.new_client({"url": "mock://protobuf"})
    conf = {"schema.id.serializer": header_schema_id_serializer}
    context = SerializationContext("products", MessageField.VALUE, headers=[])
    value = ProtobufSerializer(Product, client, conf)(FULL, context)
    ((name, header),) = context.headers
    registry.answers["/schemas/guids/" + _guid(header)] = registry.answers["/schemas/ids/1"]
    decode = decoder(of_registry(registry.url), "items")
    assert value == FULL.SerializeToString()
    assert decode(Record(value, None, {name: header})) == Upsert(PLAIN)


def _guid(header: bytes) -> str:
    digits = header[1:17].hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def test_the_registry_is_asked_for_descriptors(registry):
    decode = decoder(of_registry(registry.url), "items")
    # The message at place 1 of the file: one index, 1 (both twice as much, for their sign).
    value = b"\0\0\0\0\1\2\2" + FULL.SerializeToString()
    assert [decode(Record(value)) for _ in range(2)] == [Upsert(PLAIN)] * 2
    assert [path for path, _ in registry.asked] == [
        "/schemas/ids/1?format=serialized",
        "/subjects/price/versions/3?format=serialized",
    ]


def test_the_first_message_of_a_file_has_the_place_zero(registry):
    decode = decoder(of_registry(registry.url), "items")
    assert decode(Record(b"\0\0\0\0\1\0")) == Upsert({})
    # The message at place 0 within the one at place 0: two indexes.
    assert decode(Record(b"\0\0\0\0\1\4\0\0\x08\x07")) == Upsert({"x": 7})


def test_a_registry_of_source_text_alone_is_told_of_descriptor_sets(registry):
    registry.add("/schemas/ids/1", 'syntax = "proto3";', schemaType="PROTOBUF")
    decode = decoder(of_registry(registry.url), "items")
    with pytest.raises(ConfigError, match="skip_schema_id = true"):
        decode(Record(b"\0\0\0\0\1\0"))


def test_values_of_a_descriptor_set(tmp_path):
    decode = decoder(of_file(tmp_path), "items")
    assert decode(Record(FULL.SerializeToString())) == Upsert(PLAIN)
    assert decode(Record(b"")) == Upsert(EMPTY)
    assert decode(Record(None, b"7")) == Withdrawal({"item_id": 7})


def test_no_text_of_a_row_holds_a_null_character(tmp_path):
    decode = decoder(of_file(tmp_path), "items")
    assert reason_of(decode(Record(Product(title="\0").SerializeToString()))) == "null_character"


def test_the_id_in_front_can_be_passed_over(tmp_path):
    decode = decoder(of_file(tmp_path, skip_schema_id=True), "items")
    value = FULL.SerializeToString()
    assert decode(Record(b"\0\0\0\0\1\2\2" + value)) == Upsert(PLAIN)
    assert decode(Record(b"\0\0\0\0\1\0" + value)) == Upsert(PLAIN)
    in_header = {"__value_schema_id": b"\0\0\0\0\1\2\2"}
    assert decode(Record(value, None, in_header)) == Upsert(PLAIN)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "no_schema_id"),
        (b"{}", "no_schema_id"),
        (b"\0\0\0\0\1", "not_protobuf"),
        (b"\0\0\0\0\1\2", "not_protobuf"),
        (b"\0\0\0\0\1\1", "not_protobuf"),
        (b"\0\0\0\0\1" + b"\xff" * 11, "not_protobuf"),
        (b"\0\0\0\0\1\2\2\xff", "not_protobuf"),
        (b"\0\0\0\0\1\2\x0c", "unknown_schema"),
        (b"\0\0\0\0\2\0", "unknown_schema"),
    ],
)
def test_what_is_no_message_says_why(registry, value, reason):
    assert reason_of(decoder(of_registry(registry.url), "items")(Record(value))) == reason


def test_a_schema_of_another_kind_is_no_message(registry):
    registry.add("/schemas/ids/1", {"type": "string"})
    decode = decoder(of_registry(registry.url), "items")
    assert reason_of(decode(Record(b"\0\0\0\0\1\0"))) == "unknown_schema"


def test_a_message_that_the_file_does_not_hold_is_a_wrong_setting(tmp_path):
    with pytest.raises(ConfigError, match=r"'shop\.Order' is not in .*, which holds Price, Other"):
        decoder(of_file(tmp_path, "shop.Order"), "items")


def test_a_set_without_what_it_imports_is_a_wrong_setting(tmp_path):
    settings = of_file(tmp_path)
    alone = descriptor_pb2.FileDescriptorSet(file=FILES[1:])
    (tmp_path / "shop.pb").write_bytes(alone.SerializeToString())
    with pytest.raises(ConfigError, match="--include_imports"):
        decoder(settings, "items")


def test_debezium_is_not_read_in_protobuf(tmp_path):
    with pytest.raises(ValidationError, match="in JSON and Avro"):
        of_file(tmp_path, envelope="debezium")


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    st.fixed_dictionaries(
        {"id": st.integers(0, 2**64 - 1), "title": TEXTS, "tags": st.lists(TEXTS)}
    )
)
def test_every_row_comes_back(tmp_path_factory, row):
    decode = decoder(of_file(tmp_path_factory.getbasetemp()), "items")
    found = row_of(decode(Record(Product(**row).SerializeToString())))
    assert {name: found[name] for name in row} == row


@given(st.binary())
def test_no_bytes_break_the_decoder(tmp_path_factory, raw):
    decode = decoder(of_file(tmp_path_factory.getbasetemp(), skip_schema_id=True), "items")
    decode(Record(raw))
    decode(Record(b"\0\0\0\0\1" + raw))
