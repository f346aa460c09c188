"""Debezium's changes in Avro: Kafka Connect's names of types beside those of Avro."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jobs.formats import Record, Upsert, Withdrawal, decoder
from tests.jobs.formats.avro_products import datum, of_file, record
from tests.jobs.formats.found import reason_of

CONNECT = "org.apache.kafka.connect.data."
DEBEZIUM = "io.debezium."


def named(kind, name, **more):
    """A type with the name that Kafka Connect's converters give it."""
    given = {"type": kind} if isinstance(kind, str) else kind
    return {**given, "connect.version": 1, "connect.name": name, **more}


VARIABLE = record(("scale", "int"), ("value", "bytes"), name="VariableScaleDecimal")
DECIMAL = {"scale": 2, "precision": 10, "connect.parameters": {"scale": "2"}}
# Confluent's converter writes names; Apicurio's adds Avro's own types to more of them.
VALUE = record(
    ("id", "long"),
    ("price", ["null", named("bytes", CONNECT + "Decimal", logicalType="decimal", **DECIMAL)]),
    ("made", ["null", named("long", DEBEZIUM + "time.MicroTimestamp")]),
    ("noon", named("long", CONNECT + "Timestamp", logicalType="timestamp-millis")),
    ("dusk", named("long", DEBEZIUM + "time.MicroTimestamp", logicalType="timestamp-micros")),
    ("rank", ["null", named(VARIABLE, DEBEZIUM + "data.VariableScaleDecimal")]),
    ("text", named("string", DEBEZIUM + "data.Json")),
    name="Value",
)
CHANGE = record(
    ("before", ["null", VALUE]),
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
    "dusk": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "rank": {"scale": 3, "value": b"\x7d"},
    "text": "{}",
}


@pytest.mark.parametrize(("zone", "time"), [("UTC", "03:04:05"), ("Europe/Berlin", "02:04:05")])
def test_a_change_of_debezium_in_avro_has_plain_values(tmp_path, zone, time):
    more = {"envelope": "debezium", "time_zone": zone}
    settings = of_file(tmp_path, CHANGE).model_copy(update=more)
    plain = {
        "id": 7,
        "price": -0.01,
        "made": f"2026-01-02T{time}Z",
        "noon": f"2026-01-02T{time}Z",
        "dusk": f"2026-01-02T{time}Z",
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
