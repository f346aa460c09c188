"""Columns as arrays: Postgres reads the values that numpy wrote."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.sinks.arrays import Float4Array, Int8Array, Texts, TimeArray, register_arrays
from tests.builders import NOON_MS

MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LONG = np.iinfo(np.int64)


@pytest.fixture
def db(job_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(job_dsn, autocommit=True) as connection:
        register_arrays(connection)
        yield connection


def read(db: psycopg.Connection, column: Any, expression: str = "v") -> list[Any]:
    query = f"SELECT {expression} FROM unnest(%s) WITH ORDINALITY AS n (v, number) ORDER BY number"
    return [value for (value,) in db.execute(query, (column,)).fetchall()]


def type_of(db: psycopg.Connection, column: Any) -> str:
    (name,) = db.execute("SELECT pg_typeof(%s)::text", (column,)).fetchone() or ("",)
    return str(name)


@MANY
@given(values=st.lists(st.integers(LONG.min, LONG.max), max_size=30))
def test_any_whole_number_arrives_as_it_was_sent(db, values):
    assert read(db, Int8Array(np.array(values, dtype=np.int64))) == values


@MANY
@given(values=st.lists(st.floats(width=32, allow_nan=False), max_size=30))
def test_any_real_arrives_as_it_was_sent(db, values):
    column = Float4Array(np.array(values, dtype=np.float64))
    # The text of a real is rounded; as a double its value is exact.
    assert read(db, column, "v::float8") == values


def test_nan_is_nan_in_postgres_too(db):
    column = Float4Array(np.array([np.nan, 1.0]))
    assert read(db, column, "v = 'NaN'::real") == [True, False]


def test_a_value_that_no_real_can_hold_is_rounded(db):
    assert read(db, Float4Array(np.array([1e-60, 0.1]))) == [0.0, pytest.approx(0.1, rel=1e-7)]


# Postgres' type text holds every character except the null character.
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@MANY
@given(values=st.lists(words, max_size=20))
def test_any_text_arrives_as_it_was_sent(db, values):
    assert read(db, Texts(values).all()) == values


def test_parts_of_texts_arrive_in_the_order_of_the_indices(db):
    texts = ["", "a'b\\c\"{},NULL", "ümlaut 日本\U0001f600", "x" * 5000]
    indices = np.array([3, 1, 1, 0])
    assert read(db, Texts(texts).take(indices)) == [texts[index] for index in indices]
    assert read(db, Texts(texts).take(indices[:0])) == []


@pytest.mark.parametrize(
    ("text", "epoch_ms"),
    [
        ("2026-03-10T12:00:00Z", NOON_MS),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2000-01-01T00:00:00Z", 946_684_800_000),
        ("1990-01-01T00:00:00Z", 631_152_000_000),
        # The first and last times of the type.
        ("4714-11-24T00:00:00Z BC", -210_866_803_200_000),
        ("294276-12-31T23:59:59.999Z", 9_224_318_015_999_999),
    ],
)
def test_a_time_is_the_instant_of_its_epoch_milliseconds(db, text, epoch_ms):
    column = TimeArray(np.array([epoch_ms, 0]))
    assert db.execute("SELECT (%s)[1] = %s::timestamptz", (column, text)).fetchone() == (True,)


@MANY
@given(values=st.lists(st.integers(-(10**13), 10**15), max_size=20))
def test_any_time_arrives_to_the_millisecond(db, values):
    column = TimeArray(np.array(values, dtype=np.int64))
    assert read(db, column, "(extract(epoch FROM v) * 1000)::bigint") == values


@pytest.mark.parametrize(
    ("column", "name"),
    [
        (Texts([]).all(), "text[]"),
        (Int8Array(np.empty(0, dtype=np.int64)), "bigint[]"),
        (Float4Array(np.empty(0)), "real[]"),
        (TimeArray(np.empty(0, dtype=np.int64)), "timestamp with time zone[]"),
    ],
)
def test_an_empty_column_is_an_empty_array_of_its_type(db, column, name):
    assert (type_of(db, column), read(db, column)) == (name, [])


def test_columns_of_one_statement_stay_aligned(db):
    columns: Sequence[Any] = (Texts(["a", "b"]).all(), Int8Array(np.array([1, 2])))
    rows = db.execute("SELECT * FROM unnest(%s, %s)", columns).fetchall()
    assert rows == [("a", 1), ("b", 2)]
