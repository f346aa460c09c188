"""The envelope of Debezium's change events, and the flattened rows of ExtractNewRecordState."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from jobs.formats.encoding import Headers
from jobs.formats.errors import UnreadableRecordError
from jobs.formats.json_encoding import read_json
from jobs.formats.records import (
    Decoded,
    Ignored,
    Record,
    Stream,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
)

_NO_ROWS = (
    (frozenset({"tableChanges"}), "schema change"),
    (frozenset({"ddl", "databaseName"}), "schema change"),
    (frozenset({"status", "id", "data_collections"}), "transaction"),
    (frozenset({"aggregate_type", "additional_data"}), "notification"),
)
_DELETED_EVENT = Ignored("deletion of an event")
_UPDATED_EVENT = Ignored("update of an event")
KeyRow = Callable[[Record], dict[str, Any] | None]
"""Reads the key of a record as a part of the row; None without a key."""


class DebeziumEnvelope:
    """Takes the object of a value out of the envelope.

    Items follow the table: a row that is read (`r`), created (`c`) or changed (`u`) is an item, a
    deleted one (`d`) a withdrawal. Events and commands happen once: those that are read or created
    count, and what becomes of their row later is ignored.
    """

    def __init__(self, stream: Stream, unavailable: str, key_row: KeyRow) -> None:
        self._follows = stream == "items"
        self._key_row = key_row
        self._unavailable = unavailable
        in_bytes = b64encode(unavailable.encode()).decode("ascii")
        self._placeholders = (unavailable, in_bytes, [unavailable], {unavailable: unavailable})

    def tombstone(self, record: Record) -> Decoded:
        """What a null value says: the row of the key is gone, as a record before it may say."""
        if not self._follows:
            return Ignored("tombstone")
        row = self._key_row(record)
        return (
            Ignored("tombstone without a key") if row is None else Withdrawal(row, told_before=True)
        )

    def open(self, found: dict[str, Any], record: Record) -> Decoded:
        """What a value says; raises UnreadableRecordError where it is no row."""
        op = found.get("op")
        if type(op) is str and (
            type(found.get("source")) is dict or ("after" in found and "before" in found)
        ):
            return self._change(op, found, record)
        if found.keys() == {"ts_ms"}:
            return Ignored("heartbeat")
        for keys, name in _NO_ROWS:
            if keys <= found.keys():
                return Ignored(name)
        return self._flattened(found, record)

    def _change(self, op: str, found: dict[str, Any], record: Record) -> Decoded:
        if op in ("c", "r") or (op == "u" and self._follows):
            return self._row(_object(found.get("after"), "after"), found, op, record)
        if op == "u":
            return _UPDATED_EVENT
        if op == "d":
            return self._deletion(_object(found.get("before"), "before"), record)
        if op == "t":
            return Truncation() if self._follows else Ignored("truncation of a table")
        if op == "m":
            return Ignored("logical message")
        return Undecodable("not_debezium", f"op is {op[:64]!r}, not one of c, r, u, d, t, m")

    def _row(
        self, after: dict[str, Any] | None, found: dict[str, Any], op: str, record: Record
    ) -> Decoded:
        if after is None:
            return Undecodable("no_row", f"op is {op!r}, and 'after' holds no row")
        values = after.values()
        text, in_bytes, in_list, in_object = self._placeholders
        if text in values or in_bytes in values or in_list in values or in_object in values:
            return self._filled(after, found)
        return Upsert(after)

    def _filled(self, after: dict[str, Any], found: dict[str, Any]) -> Decoded:
        """The row with the columns that were not logged, from before the change if it is there."""
        before = _object(found.get("before"), "before") or {}
        row = dict(after)
        for name, value in after.items():
            if value in self._placeholders:
                if name not in before or before[name] in self._placeholders:
                    return self._not_logged(name)
                row[name] = before[name]
        return Upsert(row)

    def _not_logged(self, name: str) -> Undecodable:
        return Undecodable(
            "unavailable_value",
            f"column {name[:64]!r} was not logged since it did not change: set REPLICA IDENTITY"
            " FULL on the table, or leave the column out (column.exclude.list)",
        )

    def _deletion(self, before: dict[str, Any] | None, record: Record) -> Decoded:
        if not self._follows:
            return _DELETED_EVENT
        row = self._key_row(record) if before is None else before
        if row is None:
            return Undecodable("no_row", "a row is deleted that neither 'before' nor a key names")
        return Withdrawal(self._without_placeholders(row))

    def _without_placeholders(self, row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if value not in self._placeholders}

    def _flattened(self, row: dict[str, Any], record: Record) -> Decoded:
        op = row.get("__op")
        if op is None and record.headers:
            op = _header(record.headers, "__op")
        if op == "d" or row.get("__deleted") in ("true", True):
            return self._deletion(row, record)
        if op == "t":
            return Truncation() if self._follows else Ignored("truncation of a table")
        if op == "u" and not self._follows:
            return _UPDATED_EVENT
        return self._row(row, {}, op or "c", record)


def _object(found: Any, name: str) -> dict[str, Any] | None:
    """The row of a change; of MongoDB it is a text of JSON."""
    if isinstance(found, str):
        found = read_json(found.encode())
    if found is None or isinstance(found, dict):
        return found
    raise UnreadableRecordError("not_debezium", f"'{name}' is a {type(found).__name__}, not a row")


def _header(headers: Headers, name: str) -> str | None:
    found = headers.get(name)
    return None if found is None else found.decode(errors="replace").strip('"')
