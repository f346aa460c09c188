"""Compiles the settings of a stream's format into a function of its records."""

from collections.abc import Callable
from typing import Any

from jobs.errors import ConfigError
from jobs.format_settings import FormatSettings
from jobs.formats.cloudevents import CloudEventsEnvelope
from jobs.formats.connect_json import ConnectJsonEncoding
from jobs.formats.debezium import DebeziumEnvelope
from jobs.formats.encoding import Encoding
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.json_encoding import JsonEncoding
from jobs.formats.logical_types import LogicalTypes, zone_of
from jobs.formats.records import Decoded, Record, Stream, Undecodable, Upsert, Withdrawal
from jobs.formats.registry import RegistryClient

Decoder = Callable[[Record], Decoded]


def decoder(
    settings: FormatSettings, stream: Stream, *, mapped: bool = False, schema: bytes | None = None
) -> Decoder:
    """A function that says what a record of a stream is.

    `mapped` says whether a mapping reads the rows: of a CloudEvent it then gets the whole object,
    and otherwise the record of the contract in its data. `schema` is the content of the schema
    file, which is read where it is not given. Raises ConfigError where a file of the
    settings cannot be read. The function raises RegistryUnavailableError where a schema cannot be
    had at the moment, and is for one thread.

    >>> decode = decoder(FormatSettings(), "items")
    >>> decode(Record(b'{"item_id": 7}')), decode(Record(None, b"7")).row
    (Upsert(row={'item_id': 7}), {'item_id': 7})
    """
    encoding = _encoding(settings, schema)
    key_row = _KeyReader(encoding, settings.key_field)
    open_value: Callable[[Record], Decoded]
    if settings.envelope == "debezium":
        changes = DebeziumEnvelope(stream, settings.unavailable_value, key_row)
        open_value = _debezium(encoding, changes)
    elif settings.envelope == "cloudevents":
        open_value = _cloudevents(CloudEventsEnvelope(stream, encoding, mapped), stream, key_row)
    else:
        open_value = _plain(encoding, stream, key_row)

    def decode(record: Record) -> Decoded:
        try:
            return open_value(record)
        except UnreadableRecordError as error:
            return Undecodable(error.reason, error.detail)

    return decode


def _encoding(settings: FormatSettings, schema: bytes | None) -> Encoding:
    types = LogicalTypes(zone_of(settings.time_zone))
    if settings.encoding == "json":
        return ConnectJsonEncoding(types) if settings.envelope == "debezium" else JsonEncoding()
    try:
        return _with_schemas(settings, schema, types)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"encoding '{settings.encoding}' needs the package {error.name}: pip install"
            " 'interestream[job]'"
        ) from error


def _with_schemas(settings: FormatSettings, schema: bytes | None, types: LogicalTypes) -> Encoding:
    """The encoding of Avro or Protobuf, whose libraries are loaded here alone."""
    if schema is None:
        schema = read_schema_file(settings)
    if settings.encoding == "avro":
        from jobs.formats.avro_encoding import (  # noqa: PLC0415
            AvroFileEncoding,
            AvroRegistryEncoding,
        )

        if settings.schema_file is not None and schema is not None:
            return AvroFileEncoding(settings.schema_file, schema, types)
        client = RegistryClient(settings.schema_registry, serialized=False)
        return AvroRegistryEncoding(client, types)
    from jobs.formats.protobuf_encoding import (  # noqa: PLC0415
        ProtobufFileEncoding,
        ProtobufRegistryEncoding,
    )

    if settings.schema_file is not None and schema is not None:
        return ProtobufFileEncoding(
            settings.schema_file, schema, settings.message, settings.skip_schema_id, types
        )
    client = RegistryClient(settings.schema_registry, serialized=True)
    return ProtobufRegistryEncoding(client, types)


def read_schema_file(settings: FormatSettings) -> bytes | None:
    """The content of the schema file of the settings, which may be on this machine alone.

    None where they name none. Raises ConfigError where it cannot be read.
    """
    file = settings.schema_file
    try:
        return None if file is None else file.read_bytes()
    except OSError as error:
        raise ConfigError(f"schema_file {file} cannot be read: {error.strerror}") from error


class _KeyReader:
    """Reads a record's key as a part of its row; a key that is no object is the field `name`."""

    def __init__(self, encoding: Encoding, name: str) -> None:
        self._encoding = encoding
        self._name = name

    def __call__(self, record: Record) -> dict[str, Any] | None:
        if not record.key:
            return None
        found = self._encoding.key(record.key, record.headers)
        if found is None or isinstance(found, dict):
            return found
        return {self._name: found}


def _debezium(encoding: Encoding, envelope: DebeziumEnvelope) -> Decoder:
    def open_value(record: Record) -> Decoded:
        raw = record.value
        found = None if raw is None else encoding.value(raw, record.headers)
        if found is None:
            return envelope.tombstone(record)
        if not isinstance(found, dict):
            return Undecodable("not_an_object", type(found).__name__)
        return envelope.open(found, record)

    return open_value


def _cloudevents(envelope: CloudEventsEnvelope, stream: Stream, key_row: _KeyReader) -> Decoder:
    def open_value(record: Record) -> Decoded:
        if record.value is None and stream == "items":
            return _withdrawn(record, stream, key_row)
        return Upsert(envelope.row(record.value or b"", record))

    return open_value


def _plain(encoding: Encoding, stream: Stream, key_row: _KeyReader) -> Decoder:
    def open_value(record: Record) -> Decoded:
        if record.value is None:
            return _withdrawn(record, stream, key_row)
        found = encoding.value(record.value, record.headers)
        return Upsert(found) if found is not None else _withdrawn(record, stream, key_row)

    return open_value


def _withdrawn(record: Record, stream: Stream, key_row: _KeyReader) -> Decoded:
    """What a null value says: of an item that it is gone."""
    if stream != "items":
        return Undecodable("no_value", "a null value")
    row = key_row(record)
    if row is None:
        return Undecodable("no_value", "a null value without a key, which would name the item")
    return Withdrawal(row)
