"""Rows of a Parquet file, batch by batch, as JSON has them."""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.dataset import Record
from jobs.datasets.errors import DatasetFileError

_BATCH = 2_048


def parquet_rows(path: Path) -> Iterator[Record | bytes]:
    """The rows of a file; absent values and NaN become None, times RFC 3339, bytes text.

    A time without a zone stays without one. A row with a value that Python has no form for, such
    as the year 30000, is broken. Raises DatasetFileError.
    """
    arrow, parquet = _pyarrow(path)
    count = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                table = arrow.Table.from_batches([batch])
                for row in _values(_in_microseconds(arrow, table)):
                    count += 1
                    if row is None:
                        place = f"{path.name}, row {count}"
                        yield BrokenRow.of(place.encode(), "a value that cannot be read", place)
                    else:
                        yield {name: _plain(found) for name, found in row.items()}
    except (arrow.ArrowException, OSError, UnicodeError) as error:
        first = str(error).splitlines()[0]
        raise DatasetFileError(f"cannot read {path} after row {count:,}: {first}") from error


def parquet_columns(path: Path) -> tuple[tuple[str, ...], int]:
    """The names of the columns, and how many rows there are; raises DatasetFileError."""
    arrow, parquet = _pyarrow(path)
    try:
        with parquet.ParquetFile(path) as file:
            return tuple(file.schema_arrow.names), file.metadata.num_rows
    except (arrow.ArrowException, OSError, UnicodeError) as error:
        first = str(error).splitlines()[0]
        raise DatasetFileError(f"cannot read {path}: {first}") from error


def _pyarrow(path: Path) -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise DatasetFileError(
            f"{path} is Parquet, which needs a package: pip install 'interestream[job]'"
        ) from error
    return pyarrow.lib, parquet


def _values(table: Any) -> Iterator[dict[str, Any] | None]:
    """The rows of a table; None for one that cannot be read."""
    try:
        yield from table.to_pylist()
    except (ValueError, OverflowError):
        for index in range(table.num_rows):
            try:
                yield table.slice(index, 1).to_pylist()[0]
            except (ValueError, OverflowError):
                yield None


def _in_microseconds(arrow: Any, table: Any) -> Any:
    """The table with times of nanoseconds, which Python has none of, as microseconds."""
    for index, field in enumerate(table.schema):
        if getattr(field.type, "unit", None) == "ns" and hasattr(field.type, "tz"):
            kind = arrow.timestamp("us", field.type.tz)
            table = table.set_column(index, field.name, table.column(index).cast(kind, safe=False))
    return table


def _plain(found: Any) -> Any:
    if found is None or isinstance(found, str | bool):
        return found
    if isinstance(found, int):
        return found if -(2**63) <= found < 2**64 else str(found)
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    if isinstance(found, list | tuple):
        return [_plain(one) for one in found]
    if isinstance(found, dict):
        return {str(name): _plain(one) for name, one in found.items()}
    if isinstance(found, datetime | date | time):
        return found.isoformat()
    if isinstance(found, Decimal):
        return float(found) if found.is_finite() else None
    if isinstance(found, timedelta):
        return found.total_seconds()
    if isinstance(found, bytes):
        return found.decode("utf-8", "backslashreplace")
    return str(found)
