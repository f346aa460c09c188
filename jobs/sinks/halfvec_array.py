"""Matrices of float16 as parameters of type `halfvec[]`, built by numpy in one go."""

from dataclasses import dataclass

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from jobs.errors import ConfigError
from jobs.sinks.arrays import header


@dataclass(frozen=True)
class HalfVectors:
    """A parameter of type `halfvec[]`: `rows` `(n, dim)` float16."""

    rows: NDArray[np.float16]


def register_halfvectors(connection: psycopg.Connection) -> None:
    """Let statements of the connection take HalfVectors as parameters.

    The oids of the types are read from the database, since they differ between databases. They are
    found by the extension, whose schema need not be on the search path. Raises ConfigError where
    the extension is missing or too old to have them.
    """
    row = connection.execute(
        "SELECT t.oid::int, t.typarray::int FROM pg_extension AS e"
        " JOIN pg_type AS t ON t.typnamespace = e.extnamespace AND t.typname = 'halfvec'"
        " WHERE e.extname = 'vector'"
    ).fetchone()
    if row is None:
        raise ConfigError(
            "this database has no pgvector with the type halfvec: run `interestream apply`, which"
            " says what is needed"
        )
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
