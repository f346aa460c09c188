"""Reads values and keys in Protobuf, with descriptors of a registry or of a file."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

from jobs.errors import ConfigError
from jobs.formats.encoding import Headers, refuse_null_characters
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.json_encoding import read_key
from jobs.formats.logical_types import LogicalTypes
from jobs.formats.protobuf_messages import MessageReader
from jobs.formats.registry import Reference, RegistryClient
from jobs.formats.schema_ids import KEY_HEADER, VALUE_HEADER, Identified, identify, read_indexes

_WITH_PROTOBUF = (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
"""What schemas may import without saying where it is."""
Read = Callable[[bytes], dict[str, Any]]
FileProto: TypeAlias = descriptor_pb2.FileDescriptorProto


class ProtobufRegistryEncoding:
    """Values and keys with the id of a schema and the place of their message in it.

    The registry must give descriptors (`format=serialized`).
    """

    is_json = False

    def __init__(self, registry: RegistryClient, types: LogicalTypes) -> None:
        self._registry = registry
        self._types = types
        self._files: dict[int | str, FileDescriptor] = {}
        self._readers: dict[tuple[int | str, tuple[int, ...]], Read] = {}

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain; raises UnreadableRecordError."""
        return self._read(identify(raw, headers, VALUE_HEADER))

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """A key in Protobuf, or one in JSON or text; raises UnreadableRecordError."""
        if raw[:1] == b"\0" or (headers and headers.get(KEY_HEADER) is not None):
            return self._read(identify(raw, headers, KEY_HEADER))
        return read_key(raw)

    def _read(self, found: Identified) -> dict[str, Any]:
        # Of the first message in a file the place is one zero byte.
        indexes, at = ((0,), 1) if found.rest[:1] == b"\0" else read_indexes(found.rest)
        kind = (found.schema, indexes)
        read = self._readers.get(kind)
        if read is None:
            message = _message_at(self._file(found.schema), indexes)
            read = self._readers[kind] = message_reader(message, self._types)
        return read(found.rest[at:] if found.payload is None else found.payload)

    def _file(self, schema_id: int | str) -> FileDescriptor:
        if schema_id not in self._files:
            schema = self._registry.schema(schema_id)
            if schema.kind != "PROTOBUF":
                raise UnreadableRecordError(
                    "unknown_schema",
                    f"schema {schema_id} is of {schema.kind[:16]}, not of PROTOBUF",
                )
            files: dict[str, FileProto] = {}
            self._add_references(schema.references, files)
            # Any name that nothing else has.
            name = f"schema {schema_id}"
            files[name] = _file_of_text(schema.text, name)
            try:
                self._files[schema_id] = _pool(files.values()).FindFileByName(name)
            except (KeyError, TypeError, ValueError) as error:
                raise UnreadableRecordError(
                    "bad_schema", f"schema {schema_id}: {error}"[:200]
                ) from error
        return self._files[schema_id]

    def _add_references(self, references: Iterable[Reference], files: dict[str, FileProto]) -> None:
        """Add the files that a schema imports, those first that they import themselves."""
        for reference in references:
            if reference.name not in files:
                schema = self._registry.referenced(reference)
                self._add_references(schema.references, files)
                files[reference.name] = _file_of_text(schema.text, reference.name)


class ProtobufFileEncoding:
    """Values of the one message of a descriptor set, the `content` of a file.

    Keys are JSON or text.

    With `skip_schema_id` what a serializer of a registry puts in front is passed over. Raises
    ConfigError where the file does not hold the message.
    """

    is_json = False

    def __init__(
        self, file: Path, content: bytes, message: str, skip_schema_id: bool, types: LogicalTypes
    ) -> None:
        self._skip = skip_schema_id
        found = descriptor_pb2.FileDescriptorSet()
        try:
            found.ParseFromString(content)
            pool = _pool(found.file)
        except (DecodeError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"schema_file {file} is no whole descriptor set: make it with protoc"
                " --include_imports --descriptor_set_out"
            ) from error
        try:
            descriptor = pool.FindMessageTypeByName(message)
        except KeyError as error:
            names = [one.name for each in found.file for one in each.message_type]
            raise ConfigError(
                f"message '{message}' is not in schema_file {file}, which holds"
                f" {', '.join(names[:20])}"
            ) from error
        self._message = message_reader(descriptor, types)

    def value(self, raw: bytes, headers: Headers | None) -> Any:
        """The object of a value, plain; raises UnreadableRecordError."""
        if self._skip and not (headers and headers.get(VALUE_HEADER) is not None):
            rest = identify(raw, None, VALUE_HEADER).rest
            raw = rest[read_indexes(rest)[1] :]
        return self._message(raw)

    def key(self, raw: bytes, headers: Headers | None) -> Any:
        """A key in JSON or text; raises UnreadableRecordError."""
        return read_key(raw)


def message_reader(message: Descriptor, types: LogicalTypes) -> Read:
    """A function of a message's bytes; it raises UnreadableRecordError."""
    parse = message_factory.GetMessageClass(message).FromString
    convert = MessageReader(types).compile(message)

    def read(raw: bytes) -> dict[str, Any]:
        try:
            row: dict[str, Any] = convert(parse(raw))
        except (DecodeError, ArithmeticError, RecursionError, TypeError, ValueError) as error:
            raise UnreadableRecordError("not_protobuf", f"{error}"[:200]) from error
        if b"\0" in raw:
            refuse_null_characters(row)
        return row

    return read


def _message_at(file: FileDescriptor, indexes: tuple[int, ...]) -> Descriptor:
    try:
        messages = list(file.message_types_by_name.values())
        found = messages[indexes[0]]
        for index in indexes[1:]:
            found = found.nested_types[index]
    except IndexError as error:
        raise UnreadableRecordError(
            "unknown_schema", f"the schema has no message at {list(indexes)}"
        ) from error
    return found


def _pool(files: Iterable[FileProto]) -> DescriptorPool:
    """A pool of files in the order of their imports, with those that come with Protobuf."""
    pool = DescriptorPool()
    given = list(files)
    names = {file.name for file in given}
    for module in _WITH_PROTOBUF:
        if module.DESCRIPTOR.name not in names:
            pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    for file in given:
        pool.Add(file)
    return pool


def _file_of_text(text: str, name: str) -> FileProto:
    file = FileProto()
    try:
        file.ParseFromString(b64decode(text, validate=True))
    except (NoBase64, DecodeError, ValueError) as error:
        raise ConfigError(
            "the schema registry gives no descriptors of Protobuf (format=serialized): describe"
            " the values with schema_file, message and skip_schema_id = true"
        ) from error
    file.name = name
    return file
