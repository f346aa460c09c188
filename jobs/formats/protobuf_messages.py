"""Makes Protobuf messages plain objects, by their descriptors alone: no code is generated."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from jobs.formats.logical_types import Convert, LogicalTypes
from jobs.formats.plain_values import scaled

_WRAPPERS = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)
_AS_JSON = frozenset(
    f"google.protobuf.{name}" for name in ("Any", "FieldMask", "ListValue", "Struct", "Value")
)
_DECIMALS = frozenset({"confluent.type.Decimal", "confluent.types.Decimal"})


class MessageReader:
    """Compiles descriptors of messages into functions of messages.

    Fields have the names of the schema's source. One without presence (proto3's plain scalars) has
    its default where it was not written; one with presence, which was not set, is absent. 64-bit
    integers are numbers, and enumerations are their names.
    """

    def __init__(self, types: LogicalTypes) -> None:
        self._types = types
        self._compiled: dict[str, Convert] = {}

    def compile(self, message: Descriptor) -> Convert:
        """A function that makes messages plain."""
        name = message.full_name
        known = self._compiled.get(name) or self._well_known(message)
        if known is not None:
            return known
        members: list[tuple[str, bool, Convert | None]] = []

        def convert(found: Any) -> dict[str, Any]:
            row = {}
            has = found.HasField
            for field, presence, one in members:
                if presence and not has(field):
                    continue
                value = getattr(found, field)
                row[field] = value if one is None else one(value)
            return row

        # A message may hold itself.
        self._compiled[name] = convert
        for field in message.fields:
            members.append((field.name, field.has_presence, self._field(field)))
        return convert

    def _field(self, field: FieldDescriptor) -> Convert | None:
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            one = self._value(entry.fields_by_name["value"])
            if one is None:
                return lambda found: {str(key): value for key, value in found.items()}
            return _values_of(one)
        one = self._value(field)
        if field.label != FieldDescriptor.LABEL_REPEATED:
            return one
        return list if one is None else _each(one)

    def _value(self, field: FieldDescriptor) -> Convert | None:
        if field.message_type is not None:
            return self.compile(field.message_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return _base64
        if field.enum_type is not None:
            names = {number: one.name for number, one in field.enum_type.values_by_number.items()}
            return lambda number: names.get(number, number)
        return None

    def _well_known(self, message: Descriptor) -> Convert | None:
        name = message.full_name
        if name == "google.protobuf.Timestamp":
            return self._types.instant_of_timestamp
        if name == "google.protobuf.Duration":
            return lambda found: found.seconds + found.nanos / 1e9
        if name == "google.protobuf.BytesValue":
            return lambda found: _base64(found.value)
        if name in _WRAPPERS:
            return lambda found: found.value
        if name in _AS_JSON:
            return _json_of
        if name == "google.type.Date":
            return lambda found: f"{found.year:04}-{found.month:02}-{found.day:02}"
        if name in _DECIMALS:
            return lambda found: scaled(
                int.from_bytes(found.value, "big", signed=True), found.scale
            )
        return None


def _values_of(one: Convert) -> Convert:
    return lambda found: {str(key): one(value) for key, value in found.items()}


def _each(one: Convert) -> Callable[[Any], list[Any]]:
    return lambda found: [one(value) for value in found]


def _json_of(found: Any) -> Any:
    return json_format.MessageToDict(found)


def _base64(found: bytes) -> str:
    return b64encode(found).decode("ascii")
