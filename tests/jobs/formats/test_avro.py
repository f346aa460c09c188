"""Avro with the schema of a file: logical types, and what does not fit the schema."""

from base64 import b64decode
from datetime import datetime

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import ConfigError
from jobs.formats import FormatSettings, Record, Upsert, Withdrawal, decoder
from tests.jobs.formats.avro_products import PLAIN, PRODUCT, TYPED, datum, logical, of_file, record
from tests.jobs.formats.found import reason_of, row_of


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
    # As of JSON, no more than 200 levels are read.
    assert "next" in row_of(decode(Record(b"\2" * 100 + b"\0")))
    assert reason_of(decode(Record(b"\2" * 200 + b"\0"))) == "not_avro"


def test_no_text_of_a_row_holds_a_null_character(tmp_path):
    schema = record(("id", "long"), ("title", "string"))
    decode = decoder(of_file(tmp_path, schema), "items")
    assert decode(Record(datum(schema, {"id": 0, "title": "a"}))) == Upsert({"id": 0, "title": "a"})
    assert reason_of(decode(Record(datum(schema, {"id": 0, "title": "\0"})))) == "null_character"
    assert reason_of(decode(Record(None, b"a\0"))) == "null_character"


def test_a_text_that_says_it_is_longer_than_the_value_is_a_dead_letter(tmp_path):
    decode = decoder(of_file(tmp_path, record(("title", "string"))), "items")
    for length in (2**20, 2**40, 2**62, 2**63 - 1, -1, -(2**40)):
        number = datum("long", length)
        assert reason_of(decode(Record(number + b"x"))) == "not_avro"


def test_an_instant_beyond_the_calendar_is_a_dead_letter(tmp_path):
    schema = record(("at", logical("long", "timestamp-micros")))
    decode = decoder(of_file(tmp_path, schema), "items")
    far = datum(record(("at", "long")), {"at": 9_223_372_036_825_200_000})
    assert reason_of(decode(Record(far))) == "not_avro"


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
            "name": st.none() | st.text(st.characters(exclude_characters="\0")),
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
