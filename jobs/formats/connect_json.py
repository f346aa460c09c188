"""JSON of Kafka Connect's converter: a payload beside the schema that says what its values mean."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from jobs.formats.encoding import Headers
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.json_encoding import read_json, read_json_object, read_key
from jobs.formats.logical_types import Convert, LogicalTypes

_MOST_SCHEMAS = 1000
_PAYLOAD = b',"payload":'


class ConnectJsonEncoding:
    """Values and keys with or without a schema around them (`schemas.enable`).

    Most records of a topic begin with the same schema, byte by byte. What comes in front of the
    payload is remembered with the converter of its values, so that it is parsed once.
    """

    is_json = True

    def __init__(self, types: LogicalTypes) -> None:
        self._types = types
        self._compiled: dict[bytes, Convert | None] = {}
        self._begins = b"\0"
        self._convert: Convert | None = None

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain; None for the payload null.

        Raises UnreadableRecordError.
        """
        if raw.startswith(self._begins) and raw.endswith(b"}"):
            try:
                payload = read_json(raw[len(self._begins) : -1])
            except UnreadableRecordError:
                payload = _no_payload
            if payload is not _no_payload:
                return _converted(payload, self._convert)
        try:
            found = read_json(raw)
        except UnreadableRecordError:
            found = _no_payload
        if found is None:
            return None
        if not isinstance(found, dict):
            # Slower, and with the reason why it is no object.
            found = read_json_object(raw)
        if not _has_schema(found):
            return found
        convert = self._converter(found["schema"])
        self._remember(raw, found["payload"], convert)
        return _converted(found["payload"], convert)

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """An object, a text or an integer, plain; raises UnreadableRecordError."""
        found = read_key(raw)
        if isinstance(found, dict) and _has_schema(found):
            return _converted(found["payload"], self._converter(found["schema"]))
        return found

    def _converter(self, schema: Any) -> Convert | None:
        text = orjson.dumps(schema)
        if text not in self._compiled:
            if len(self._compiled) >= _MOST_SCHEMAS:
                self._compiled.clear()
            try:
                self._compiled[text] = compile_schema(schema, self._types)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise UnreadableRecordError("bad_schema", repr(error)[:200]) from error
        return self._compiled[text]

    def _remember(self, raw: bytes, payload: Any, convert: Convert | None) -> None:
        """Remember what comes in front of the payload, if it is the schema and nothing else."""
        begins, found, _ = raw.partition(_PAYLOAD)
        begins += found
        try:
            alone = orjson.loads(begins.removesuffix(_PAYLOAD) + b"}")
            same = read_json(raw[len(begins) : -1]) == payload
        except (orjson.JSONDecodeError, UnreadableRecordError):
            return
        if found and same and alone.keys() == {"schema"}:
            self._begins, self._convert = begins, convert


_no_payload = object()


def compile_schema(schema: Mapping[str, Any] | None, types: LogicalTypes) -> Convert | None:
    """A function that makes the values of a schema plain; None where they are.

    Objects and lists are changed in place. Raises KeyError, TypeError, ValueError or AttributeError
    for a schema that is none.

    >>> from datetime import UTC
    >>> days = {"type": "int32", "name": "io.debezium.time.Date"}
    >>> row = {"type": "struct", "fields": [{"field": "day", **days}]}
    >>> compile_schema(row, LogicalTypes(UTC))({"day": 20_455})
    {'day': '2026-01-02'}
    """
    if schema is None:
        return None
    convert = types.converter(schema.get("name"), schema.get("parameters"))
    if convert is not None:
        return convert
    kind = schema["type"]
    if kind == "struct":
        fields = [(field["field"], compile_schema(field, types)) for field in schema["fields"]]
        return in_members([(name, found) for name, found in fields if found is not None])
    if kind == "array":
        return in_elements(compile_schema(schema["items"], types))
    if kind == "map" and schema["keys"]["type"] == "string":
        return in_map(compile_schema(schema["values"], types))
    return None


def in_members(converters: list[tuple[str, Convert]]) -> Convert | None:
    """Converts members of an object in place; an absent one stays absent."""
    if not converters:
        return None

    def convert(found: dict[str, Any]) -> dict[str, Any]:
        for name, one in converters:
            value = found.get(name)
            if value is not None:
                found[name] = one(value)
        return found

    return convert


def in_elements(one: Convert | None) -> Convert | None:
    """Converts the elements of a list; absent ones stay absent."""
    if one is None:
        return None
    return lambda found: [None if value is None else one(value) for value in found]


def in_map(one: Convert | None) -> Convert | None:
    """Converts the values of an object with any keys."""
    if one is None:
        return None
    return lambda found: {
        name: None if value is None else one(value) for name, value in found.items()
    }


def _has_schema(found: dict[str, Any]) -> bool:
    if len(found) != 2 or "payload" not in found or "schema" not in found:
        return False
    schema = found["schema"]
    return schema is None or (isinstance(schema, dict) and "type" in schema)


def _converted(payload: Any, convert: Callable[[Any], Any] | None) -> Any:
    if payload is None or convert is None:
        return payload
    try:
        return convert(payload)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        detail = f"a value does not fit its type: {error}"
        raise UnreadableRecordError("unfit_value", detail[:200]) from error
