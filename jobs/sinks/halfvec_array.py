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
    """A parameter of type `halfvec[]`: `rows` `(n, dim)` float16."""

    rows: NDArray[np.float16]


def register_halfvectors(connection: psycopg.Connection) -> None:
    """Let statements of the connection take HalfVectors as parameters.

    The oids of the types are read from the database, since they differ between databases. Raises
    psycopg.errors.UndefinedObject where the extension vector is missing.
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
    """The rows `(n, dim)` in Postgres' binary format of `halfvec[]`.

    It is the array's header, and per vector: size in bytes, dimension, two unused bytes, and the
    numbers as big-endian float16.
    """
    count, dim = rows.shape
    elements = np.zeros(
        count, dtype=[("size", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("row", ">f2", (dim,))]
    )
    elements["size"] = 4 + 2 * dim
    elements["dim"] = dim
    elements["row"] = rows
    return header(element_oid, count) + elements.tobytes()
