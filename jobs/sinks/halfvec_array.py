"""Matrices of float16 as parameters of type `halfvec[]`, built by numpy in one go."""

from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from jobs.sinks.arrays import header


@dataclass(frozen=True)
class HalfVectors:
    """Rows `(n, dim)` float16 that become an array of n vectors."""

    rows: NDArray[np.float16]


def register_halfvectors(connection: psycopg.Connection) -> None:
    """Let the connection take HalfVectors; the type's number differs between databases.

    Raises psycopg.errors.UndefinedObject where the extension vector is missing.
    """
    row = connection.execute(
        "SELECT 'halfvec'::regtype::oid::int, 'halfvec[]'::regtype::oid::int"
    ).fetchone()
    assert row is not None
    element_oid, array_oid = row

    class HalfVectorsDumper(Dumper):
        format = Format.BINARY
        oid = array_oid

        def dump(self, obj: HalfVectors) -> bytes:
            return array_bytes(obj.rows, element_oid)

    connection.adapters.register_dumper(HalfVectors, HalfVectorsDumper)


def array_bytes(rows: NDArray[np.float16], element_oid: int) -> bytes:
    """Postgres' binary form: the array's header (one dimension, no nulls), then per vector its
    size in bytes, dimension, two unused bytes and big-endian numbers."""
    count, dim = rows.shape
    elements = np.zeros(
        count, dtype=[("size", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("row", ">f2", (dim,))]
    )
    elements["size"] = 4 + 2 * dim
    elements["dim"] = dim
    elements["row"] = rows
    return header(element_oid, count) + elements.tobytes()
