"""A schema of products in Protobuf, messages of it, and the settings of a decoder."""

from typing import Any

from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor_pool import Default
from google.protobuf.text_format import Parse

from jobs.formats import FormatSettings, SchemaRegistry

PRICE = """
name: "shop/price.proto" package: "shop" syntax: "proto3"
message_type {
  name: "Price"
  field { name: "cents" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }
}
"""
FIELDS = {
    "id": "number: 1 type: TYPE_UINT64 label: LABEL_OPTIONAL",
    "title": "number: 2 type: TYPE_STRING label: LABEL_OPTIONAL",
    "hidden": "number: 3 type: TYPE_BOOL label: LABEL_OPTIONAL",
    "stars": (
        "number: 4 type: TYPE_DOUBLE label: LABEL_OPTIONAL proto3_optional: true oneof_index: 0"
    ),
    "kind": 'number: 5 type: TYPE_ENUM type_name: ".shop.Kind" label: LABEL_OPTIONAL',
    "tags": "number: 6 type: TYPE_STRING label: LABEL_REPEATED",
    "price": 'number: 7 type: TYPE_MESSAGE type_name: ".shop.Price" label: LABEL_OPTIONAL',
    "old": 'number: 8 type: TYPE_MESSAGE type_name: ".shop.Price" label: LABEL_REPEATED',
    "made": (
        'number: 9 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL'
    ),
    "picture": "number: 10 type: TYPE_BYTES label: LABEL_OPTIONAL",
    "more": (
        'number: 11 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" label: LABEL_OPTIONAL'
    ),
    "rank": (
        'number: 12 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value"'
        " label: LABEL_OPTIONAL"
    ),
    "stock": (
        'number: 13 type: TYPE_MESSAGE type_name: ".shop.Product.StockEntry" label: LABEL_REPEATED'
    ),
    "next": 'number: 14 type: TYPE_MESSAGE type_name: ".shop.Product" label: LABEL_OPTIONAL',
    "lasts": (
        'number: 15 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL'
    ),
}
PRODUCT = f"""
name: "shop/product.proto" package: "shop" syntax: "proto3"
dependency: "shop/price.proto"
dependency: "google/protobuf/timestamp.proto"
dependency: "google/protobuf/struct.proto"
dependency: "google/protobuf/wrappers.proto"
dependency: "google/protobuf/duration.proto"
enum_type {{ name: "Kind" value {{ name: "BOOK" number: 0 }} value {{ name: "MAP" number: 1 }} }}
message_type {{
  name: "Other"
  nested_type {{
    name: "Inner"
    field {{ name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }}
  }}
}}
message_type {{
  name: "Product"
  {" ".join(f'field {{ name: "{name}" {rest} }}' for name, rest in FIELDS.items())}
  oneof_decl {{ name: "_stars" }}
  nested_type {{
    name: "StockEntry" options {{ map_entry: true }}
    field {{ name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }}
    field {{ name: "value" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }}
  }}
}}
"""


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(Default().FindMessageTypeByName(name))


FILES = [Parse(text, descriptor_pb2.FileDescriptorProto()) for text in (PRICE, PRODUCT)]
for known in (duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2):
    Default().AddSerializedFile(known.DESCRIPTOR.serialized_pb)
for file in FILES:
    Default().AddSerializedFile(file.SerializeToString())
Price, Product, Inner = map(_message, ("shop.Price", "shop.Product", "shop.Other.Inner"))

FULL = Product(
    id=2**64 - 1,
    title="Moon",
    hidden=True,
    stars=0,
    kind=1,
    tags=["night", "sky"],
    price=Price(cents=1999),
    old=[Price(cents=-1), Price()],
    made={"seconds": 1_767_323_045, "nanos": 678_901_999},
    picture=b"\x00\x01\x02\xff",
    more={"pages": 120, "blurb": None},
    rank={"value": 2**53 + 1},
    stock={7: 2**53 + 1},
    next=Product(title="Mars"),
    lasts={"seconds": 1, "nanos": 500_000_000},
)
EMPTY = {
    "id": 0,
    "title": "",
    "hidden": False,
    "kind": "BOOK",
    "tags": [],
    "old": [],
    "picture": "",
    "stock": {},
}
PLAIN = {
    "id": 2**64 - 1,
    "title": "Moon",
    "hidden": True,
    "stars": 0.0,
    "kind": "MAP",
    "tags": ["night", "sky"],
    "price": {"cents": 1999},
    "old": [{"cents": -1}, {"cents": 0}],
    "made": "2026-01-02T03:04:05.678901Z",
    "picture": "AAEC/w==",
    "more": {"pages": 120.0, "blurb": None},
    "rank": 2**53 + 1,
    "stock": {"7": 2**53 + 1},
    "next": {**EMPTY, "title": "Mars"},
    "lasts": 1.5,
}


def of_registry(url: str) -> FormatSettings:
    return FormatSettings(encoding="protobuf", schema_registry=SchemaRegistry(url=url))


def of_file(folder, message="shop.Product", **more):
    path = folder / "shop.pb"
    path.write_bytes(descriptor_pb2.FileDescriptorSet(file=FILES).SerializeToString())
    return FormatSettings(encoding="protobuf", schema_file=path, message=message, **more)
