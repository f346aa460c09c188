"""Whatever a record holds, a decoder says what it is, and raises nothing."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.formats import (
    FormatSettings,
    Ignored,
    Record,
    Stream,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
    decoder,
)

WORDS = [
    "schema",
    "payload",
    "op",
    "before",
    "after",
    "source",
    "ts_ms",
    "__op",
    "__deleted",
    "type",
    "fields",
    "name",
    "field",
    "items",
    "keys",
    "values",
    "parameters",
    "scale",
    "value",
    "id",
    "data",
    "specversion",
    "datacontenttype",
    "time",
    "struct",
    "array",
    "map",
    "int64",
    "string",
    "bytes",
    "io.debezium.time.Date",
    "org.apache.kafka.connect.data.Decimal",
    "c",
    "u",
    "d",
    "r",
    "t",
    "m",
    "1.0",
    "application/json",
    "__debezium_unavailable_value",
]
words = st.sampled_from(WORDS)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=5),
    max_leaves=25,
)
encoded = values.map(lambda found: orjson.dumps(found, default=str) if small(found) else b"\0")
raw = st.none() | st.binary(max_size=30) | encoded
headers = st.none() | st.dictionaries(
    st.sampled_from(["ce_id", "ce_specversion", "ce_type", "ce_source", "content-type", "__op"]),
    st.none() | st.binary(max_size=5) | words.map(str.encode),
)
STREAMS: list[Stream] = ["items", "events", "control"]
DECODERS = [
    decoder(FormatSettings(envelope=envelope), stream, mapped=mapped)
    for envelope in ("none", "cloudevents", "debezium")
    for stream in STREAMS
    for mapped in (False, True)
]


def small(found: Any) -> bool:
    """Whether orjson writes all integers of a value."""
    if isinstance(found, list):
        return all(map(small, found))
    if isinstance(found, dict):
        return all(map(small, found.values()))
    return type(found) is not int or -(2**63) <= found < 2**64


@pytest.mark.parametrize("number", range(len(DECODERS)))
@settings(max_examples=40)
@given(value=raw, key=raw, headers=headers)
def test_any_record_is_something(number, value, key, headers):
    found = DECODERS[number](Record(value, key, headers))
    assert isinstance(found, Upsert | Withdrawal | Truncation | Ignored | Undecodable)
    if isinstance(found, Upsert | Withdrawal):
        assert isinstance(found.row, dict)
        assert b"\\u0000" not in orjson.dumps(found.row)


schemas = st.recursive(
    st.fixed_dictionaries(
        {"type": words}, optional={"name": words, "field": words, "parameters": values}
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["struct", "array", "map"])},
        optional={
            "field": words,
            "fields": st.lists(inner, max_size=3),
            "items": inner,
            "keys": inner,
            "values": inner,
        },
    ),
    max_leaves=6,
)


@given(schema=schemas, payload=values)
def test_any_schema_is_something(schema, payload):
    decode = decoder(FormatSettings(envelope="debezium"), "items")
    if small(payload) and small(schema):
        value = orjson.dumps({"schema": schema, "payload": payload})
        # The second time the schema is known.
        assert decode(Record(value)) == decode(Record(value))
