"""Makes what Avro holds plain: logical types, also those that Kafka Connect names, and bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jobs.formats.connect_json import in_elements, in_map, in_members
from jobs.formats.logical_types import Convert, LogicalTypes

_PLAIN = frozenset({"null", "boolean", "int", "long", "float", "double", "string", "enum"})


class AvroConversion(NamedTuple):
    """What is to do with the values of a schema."""

    convert: Convert | None
    """Makes a value plain; None where it is."""
    is_recursive: bool
    """Whether a record may hold one of its own kind, to any depth."""


def compile_avro(schema: Any, types: LogicalTypes, named: Mapping[str, Any]) -> AvroConversion:
    """Compile a parsed schema; `named` holds the schemas that others refer to by name.

    >>> from datetime import UTC, date
    >>> day = {"type": "int", "logicalType": "date"}
    >>> row = {"type": "record", "name": "Row", "fields": [{"name": "day", "type": day}]}
    >>> compile_avro(row, LogicalTypes(UTC), {}).convert({"day": date(2026, 1, 2)})
    {'day': '2026-01-02'}
    """
    compiler = _Compiler(types, named)
    convert = compiler.compile(schema)
    return AvroConversion(convert, compiler.is_recursive)


class _Compiler:
    def __init__(self, types: LogicalTypes, named: Mapping[str, Any]) -> None:
        self._types = types
        self._named = named
        self._records: dict[str, Convert | None] = {}
        self._open: set[str] = set()
        self.is_recursive = False

    def compile(self, schema: Any) -> Convert | None:
        if isinstance(schema, list):
            return self._union(schema)
        if isinstance(schema, str):
            if schema in _PLAIN:
                return None
            if schema == "bytes":
                return self._types.plain
            return self.compile(self._named[schema])
        kind = schema["type"]
        name = schema.get("connect.name")
        if "logicalType" not in schema:
            convert = self._types.converter(name, schema.get("connect.parameters"))
            if convert is not None:
                return convert
        elif kind != "record":
            return self._logical(name, schema.get("connect.parameters"))
        if kind in ("record", "error"):
            return self._record(schema)
        if kind == "array":
            return in_elements(self.compile(schema["items"]))
        if kind == "map":
            return in_map(self.compile(schema["values"]))
        if kind == "fixed":
            return self._types.plain
        return self.compile(kind) if isinstance(kind, list | dict) or kind == "bytes" else None

    def _logical(self, name: str | None, parameters: Mapping[str, Any] | None) -> Convert:
        """What the library has read: a datetime, a date, a time, a decimal, a UUID.

        The times that Connect names are those of a clock, whatever Avro's type says.
        """
        types = self._types
        by_name = types.converter(name, parameters)
        if by_name is None:
            return types.plain

        def convert(found: Any) -> Any:
            if type(found) is datetime:
                return types.clock_of_zone(found)
            return by_name(found) if type(found) is int else types.plain(found)

        return convert

    def _record(self, schema: Mapping[str, Any]) -> Convert | None:
        name = schema["name"]
        if name in self._records:
            self.is_recursive |= name in self._open
            return self._records[name]
        made: list[Convert | None] = [None]

        def itself(found: Any) -> Any:
            """Converts a record of this kind inside of itself."""
            return found if made[0] is None else made[0](found)

        self._records[name] = itself
        self._open.add(name)
        fields = [(field["name"], self.compile(field["type"])) for field in schema["fields"]]
        made[0] = in_members([(field, one) for field, one in fields if one is not None])
        self._records[name] = made[0]
        self._open.remove(name)
        return made[0]

    def _union(self, branches: list[Any]) -> Convert | None:
        some = [self.compile(branch) for branch in branches if branch != "null"]
        if len(some) <= 1:
            return some[0] if some else None
        return None if all(one is None for one in some) else self._types.plain
