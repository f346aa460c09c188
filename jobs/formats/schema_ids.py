"""The id of a value's schema: in front of the value, or in a header of the record.

In front stands a zero byte and the id, four bytes. In a header stands the same, or a byte 1 and the
16 bytes of a global id (GUID). In Protobuf the place of the message in the schema's file follows.
"""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from jobs.formats.errors import UnreadableRecordError

VALUE_HEADER = "__value_schema_id"
KEY_HEADER = "__key_schema_id"
_ID_LENGTH = 5
_GUID_LENGTH = 17
_MOST_INDEXES = 200


class Identified(NamedTuple):
    """A value without its schema's id."""

    schema: int | str
    """The id, or the global id as text."""
    rest: bytes
    """What follows the id, in its header or in front of the value."""
    payload: bytes | None
    """The value where the id is in a header; None where it is what follows in `rest`."""


def identify(raw: bytes, headers: Mapping[str, bytes | None] | None, header: str) -> Identified:
    """Split a value from its schema's id; raises UnreadableRecordError where it has none.

    >>> identify(bytes([0, 0, 0, 1, 4, 14]), None, VALUE_HEADER)
    Identified(schema=260, rest=b'\\x0e', payload=None)
    """
    found = headers.get(header) if headers else None
    if found is not None:
        return Identified(*_id_of(found), raw)
    return Identified(*_id_of(raw), None)


def _id_of(raw: bytes) -> tuple[int | str, bytes]:
    if raw[:1] == b"\0" and len(raw) >= _ID_LENGTH:
        return int.from_bytes(raw[1:_ID_LENGTH], "big"), raw[_ID_LENGTH:]
    if raw[:1] == b"\1" and len(raw) >= _GUID_LENGTH:
        return str(UUID(bytes=raw[1:_GUID_LENGTH])), raw[_GUID_LENGTH:]
    raise UnreadableRecordError(
        "no_schema_id", "no id of a registry's schema, in front of the value or in a header"
    )


def read_indexes(raw: bytes) -> tuple[tuple[int, ...], int]:
    """The place of a message among those of its file, and how many bytes say it.

    Raises UnreadableRecordError.

    >>> read_indexes(bytes([0])), read_indexes(bytes([4, 2, 0]))
    (((0,), 1), ((1, 0), 3))
    """
    count, at = _varint(raw, 0)
    if not 0 <= count <= _MOST_INDEXES:
        raise UnreadableRecordError("not_protobuf", f"{count} places of a message")
    indexes = []
    for _ in range(count):
        index, at = _varint(raw, at)
        indexes.append(index)
    return tuple(indexes) or (0,), at


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, whose sign is its last bit, and the place behind it."""
    number = shift = 0
    for place in range(at, min(at + 10, len(raw))):
        number |= (raw[place] & 0x7F) << shift
        shift += 7
        if raw[place] < 0x80:
            return (number >> 1) ^ -(number & 1), place + 1
    raise UnreadableRecordError("not_protobuf", "the value ends before its message's place does")
