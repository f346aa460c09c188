"""A schema of products in Avro, rows of it, and the settings of a decoder."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import fastavro

from jobs.formats import FormatSettings, SchemaRegistry


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


def of_registry(url: str, **more: str) -> FormatSettings:
    return FormatSettings.model_validate(
        {"encoding": "avro", "schema_registry": SchemaRegistry(url=url), **more}
    )


def of_file(tmp_path, schema):
    (tmp_path / "product.avsc").write_text(json.dumps(schema))
    return FormatSettings(encoding="avro", schema_file=tmp_path / "product.avsc")
