"""Reads values and keys in Avro, with the schemas of a registry or with one of a file."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import orjson
from fastavro._read_py import schemaless_reader as python_reader
from fastavro.schema import SchemaParseException, UnknownType

from jobs.core.parsing.json_records import MAX_LEVELS
from jobs.errors import ConfigError
from jobs.formats.avro_types import compile_avro
from jobs.formats.encoding import Headers, refuse_null_characters
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.json_encoding import read_key
from jobs.formats.logical_types import LogicalTypes
from jobs.formats.registry import RegistryClient
from jobs.formats.schema_ids import KEY_HEADER, VALUE_HEADER, Identified, identify

_SINGLE_OBJECT = b"\xc3\x01"
Read = Callable[[bytes], Any]
# What fastavro raises for bytes that are not of the schema, beside its own errors.
_UNFIT = (ArithmeticError, EOFError, IndexError, KeyError, TypeError, ValueError)


class AvroRegistryEncoding:
    """Values and keys with the id of a schema; each schema is compiled once."""

    is_json = False

    def __init__(self, registry: RegistryClient, types: LogicalTypes) -> None:
        self._registry = registry
        self._types = types
        self._readers: dict[int | str, Read] = {}

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain; raises UnreadableRecordError."""
        return self._read(identify(raw, headers, VALUE_HEADER))

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """A key in Avro, or one in JSON or text; raises UnreadableRecordError."""
        if raw[:1] == b"\0" or (headers and headers.get(KEY_HEADER) is not None):
            return self._read(identify(raw, headers, KEY_HEADER))
        return read_key(raw)

    def _read(self, found: Identified) -> Any:
        read = self._readers.get(found.schema)
        if read is None:
            read = self._readers[found.schema] = self._reader(found.schema)
        return read(found.rest if found.payload is None else found.payload)

    def _reader(self, schema_id: int | str) -> Read:
        schema = self._registry.schema(schema_id)
        if schema.kind != "AVRO":
            raise UnreadableRecordError(
                "unknown_schema", f"schema {schema_id} is of {schema.kind[:16]}, not of AVRO"
            )
        named: dict[str, Any] = {}
        try:
            self._add_references(schema.references, named, set())
            return datum_reader(orjson.loads(schema.text), self._types, named)
        except (SchemaParseException, UnknownType, *_UNFIT) as error:
            if isinstance(error, UnreadableRecordError):
                raise
            raise UnreadableRecordError(
                "bad_schema", f"schema {schema_id}: {error}"[:200]
            ) from error

    def _add_references(self, references: Any, named: dict[str, Any], seen: set[Any]) -> None:
        """Parse the schemas that a schema uses, those first that they use themselves."""
        for reference in references:
            if reference in seen:
                continue
            seen.add(reference)
            schema = self._registry.referenced(reference)
            self._add_references(schema.references, named, seen)
            fastavro.parse_schema(orjson.loads(schema.text), named_schemas=named)


class AvroFileEncoding:
    """Values of the one schema in the `content` of a file, bare or as Avro's single objects.

    Keys are JSON or text.

    Raises ConfigError where the file is no schema.
    """

    is_json = False

    def __init__(self, file: Path, content: bytes, types: LogicalTypes) -> None:
        try:
            schema = orjson.loads(content)
            self._datum = datum_reader(schema, types, {})
            form = fastavro.schema.to_parsing_canonical_form(schema)
            fingerprint = fastavro.schema.fingerprint(form, "CRC-64-AVRO")
        except (SchemaParseException, UnknownType, *_UNFIT) as error:
            raise ConfigError(f"schema_file {file} is no Avro schema: {error}") from error
        self._prefix = _SINGLE_OBJECT + bytes.fromhex(fingerprint)

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain; raises UnreadableRecordError."""
        return self._datum(raw.removeprefix(self._prefix))

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """A key in JSON or text; raises UnreadableRecordError."""
        return read_key(raw)


def datum_reader(schema: Any, types: LogicalTypes, named: dict[str, Any]) -> Read:
    """A function of the bytes of a datum; it raises UnreadableRecordError.

    >>> from datetime import UTC
    >>> datum_reader("long", LogicalTypes(UTC), {})(bytes([14]))
    7
    """
    parsed = fastavro.parse_schema(schema, named_schemas=named)
    convert, is_recursive = compile_avro(parsed, types, named)
    # The compiled reader does not count levels: some thousand of them would end the process.
    read_datum = python_reader if is_recursive else fastavro.schemaless_reader

    def read(raw: bytes) -> Any:
        stream = BytesIO(raw)
        try:
            found = read_datum(stream, parsed, None)
            rest = len(raw) - stream.tell()
            if is_recursive and _is_deeper(found, MAX_LEVELS):
                raise UnreadableRecordError("not_avro", f"nested deeper than {MAX_LEVELS} levels")
            if rest == 0:
                row = found if convert is None or found is None else convert(found)
                if b"\0" in raw:
                    refuse_null_characters(row)
                return row
        except UnreadableRecordError:
            raise
        except (MemoryError, RecursionError, *_UNFIT) as error:
            raise UnreadableRecordError(
                "not_avro", f"{type(error).__name__}: {error}"[:200]
            ) from error
        raise UnreadableRecordError("not_avro", f"{rest} bytes more than its schema has")

    return read


def _is_deeper(found: Any, levels: int) -> bool:
    """Whether lists and objects lie in each other on more levels."""
    if isinstance(found, dict):
        found = found.values()
    elif not isinstance(found, list):
        return False
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in found)
