"""Whole columns as array parameters in Postgres' binary format, built without a call per value."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

_INT8, _FLOAT4, _TEXT, _TIMESTAMPTZ = 20, 700, 25, 1184
_ARRAY_OF = {_INT8: 1016, _FLOAT4: 1021, _TEXT: 1009, _TIMESTAMPTZ: 1185}
_MS_TO_2000 = 946_684_800_000
"""Epoch milliseconds of 2000-01-01, where Postgres' timestamps begin."""


class Texts:
    """Texts that are encoded once, and sent as `text[]` in several parts."""

    def __init__(self, values: Sequence[str]) -> None:
        encoded = [value.encode() for value in values]
        self._elements = [len(value).to_bytes(4, "big") + value for value in encoded]

    def take(self, indices: NDArray[np.intp]) -> "TextArray":
        """The texts at the `indices` `(n,)`, in their order."""
        elements = self._elements
        return TextArray([elements[index] for index in indices.tolist()])

    def all(self) -> "TextArray":
        """All texts."""
        return TextArray(self._elements)


@dataclass(frozen=True)
class TextArray:
    """A parameter of type `text[]`; each element is the text in UTF-8 after its length."""

    elements: Sequence[bytes]


@dataclass(frozen=True)
class Int8Array:
    """A parameter of type `bigint[]`: `values` `(n,)`."""

    values: NDArray[np.int64]


@dataclass(frozen=True)
class Float4Array:
    """A parameter of type `real[]`: `values` `(n,)`, rounded to float32."""

    values: NDArray[np.float64]


@dataclass(frozen=True)
class TimeArray:
    """A parameter of type `timestamptz[]`: `epoch_ms` `(n,)`."""

    epoch_ms: NDArray[np.int64]


def register_arrays(connection: psycopg.Connection) -> None:
    """Let statements of the connection take this module's classes as parameters."""
    for column, oid, dump in _DUMPS:
        connection.adapters.register_dumper(column, _dumper(oid, dump))


def _dumper(element_oid: int, dump: Callable[..., bytes]) -> type[Dumper]:
    class ColumnDumper(Dumper):
        format = Format.BINARY
        oid = _ARRAY_OF[element_oid]

        def dump(self, obj: object) -> bytes:
            return dump(obj)

    return ColumnDumper


def header(element_oid: int, count: int) -> bytes:
    """The header of an array of `count` elements: one dimension (none if empty), no nulls."""
    if not count:
        return struct.pack("!iii", 0, 0, element_oid)
    return struct.pack("!iiiii", 1, 0, element_oid, count, 1)


def _text(column: TextArray) -> bytes:
    return header(_TEXT, len(column.elements)) + b"".join(column.elements)


def _numbers(element_oid: int, values: NDArray[np.generic], kind: str) -> bytes:
    elements = np.empty(len(values), dtype=[("size", ">i4"), ("value", kind)])
    elements["size"] = np.dtype(kind).itemsize
    elements["value"] = values
    return header(element_oid, len(values)) + elements.tobytes()


_DUMPS: tuple[tuple[type, int, Callable[..., bytes]], ...] = (
    (TextArray, _TEXT, _text),
    (Int8Array, _INT8, lambda column: _numbers(_INT8, column.values, ">i8")),
    (Float4Array, _FLOAT4, lambda column: _numbers(_FLOAT4, column.values, ">f4")),
    (
        TimeArray,
        _TIMESTAMPTZ,
        lambda column: _numbers(_TIMESTAMPTZ, (column.epoch_ms - _MS_TO_2000) * 1000, ">i8"),
    ),
)
