"""Whole columns as array parameters in Postgres' binary form, built without a call per value."""

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


class Texts:
    """Values of `text[]`, encoded once however often parts of them are sent."""

    def __init__(self, values: Sequence[str]) -> None:
        encoded = [value.encode() for value in values]
        self._elements = [len(value).to_bytes(4, "big") + value for value in encoded]

    def take(self, places: NDArray[np.intp]) -> "TextArray":
        elements = self._elements
        return TextArray([elements[place] for place in places.tolist()])

    def all(self) -> "TextArray":
        return TextArray(self._elements)


@dataclass(frozen=True)
class TextArray:
    """Elements of `text[]` with their lengths before them."""

    elements: Sequence[bytes]


@dataclass(frozen=True)
class Int8Array:
    values: NDArray[np.int64]


@dataclass(frozen=True)
class Float4Array:
    values: NDArray[np.float64]


@dataclass(frozen=True)
class TimeArray:
    """Epoch milliseconds as `timestamptz[]`."""

    epoch_ms: NDArray[np.int64]


def register_arrays(connection: psycopg.Connection) -> None:
    """Let the connection take the classes of this module as parameters."""
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
    """One dimension (none for an empty array), no nulls."""
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
