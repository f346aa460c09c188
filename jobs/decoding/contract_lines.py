"""Turns batches of records of a stream into lines of the contract."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from jobs.core.parsing.cut_lines import read_cut
from jobs.core.parsing.json_records import MAX_LEVELS, is_too_deep
from jobs.core.parsing.judges import Judge
from jobs.core.parsing.undecoded_lines import Undecoded, read_undecoded, undecoded_line
from jobs.decoding.checked_rows import checked_lines
from jobs.decoding.given_lines import read_given
from jobs.decoding.lines_of_users import LinesOfUsers
from jobs.decoding.stream_counts import StreamCounts
from jobs.formats.json_encoding import may_hold_long_integers
from jobs.formats.records import (
    Decoded,
    Ignored,
    Record,
    Truncation,
    Undecodable,
    Upsert,
    Withdrawal,
)

Row = Mapping[str, Any]
Decode = Callable[[Record], Decoded]
ToLines = Callable[[Sequence[Row], Sequence[bytes], StreamCounts], list[bytes]]
"""Rows, the bytes of their records, and counts to add to; the lines of the rows."""
AtOnce = Callable[[Sequence[Row], StreamCounts], LinesOfUsers | None]
"""Rows and counts to add to; the lines, or None unless all of them are sure to be accepted."""
Withdrawn = Callable[[Row], list[Any]]
"""The ids of the items of a row, of which the key alone may be known."""


class ContractLines:
    """Decodes and maps the records of a stream, in their order.

    Every record becomes lines: of the events or items in it, of an item's withdrawal, or one that
    stands for a record that cannot be read or accepted (`Undecoded`). What has no line is counted
    as ignored.

    Where a row is a record as it stands, an object of JSON, `at_once` makes nearly every batch;
    the rest is read by `decode`, one by one, and what becomes of a record does not depend on those
    beside it. `emptied` are the lines of a table that was emptied,
    which says nothing where there are none. Records of more than `longest` bytes were cut, and go
    on as the cut lines that they are.
    """

    def __init__(
        self,
        decode: Decode,
        to_lines: ToLines,
        judge: Judge,
        longest: int,
        *,
        at_once: AtOnce | None = None,
        withdrawn: Withdrawn | None = None,
        emptied: Sequence[bytes] = (),
    ) -> None:
        self._decode, self._to_lines = decode, to_lines
        self._judge, self._longest = judge, longest
        self._at_once, self._withdrawn = at_once, withdrawn
        self._emptied = emptied
        self.counts = StreamCounts()

    def __call__(
        self,
        values: Sequence[bytes | None],
        keys: Sequence[bytes | None] = (),
        headers: Sequence[Mapping[str, bytes | None] | None] = (),
    ) -> list[bytes]:
        """The lines of a batch of records; `keys` and `headers` are empty where none has any."""
        return self.with_users(values, keys, headers).lines

    def with_users(
        self,
        values: Sequence[bytes | None],
        keys: Sequence[bytes | None] = (),
        headers: Sequence[Mapping[str, bytes | None] | None] = (),
    ) -> LinesOfUsers:
        """The same lines, with their users where these are known without a look into the lines."""
        found = None
        if self._at_once is not None:
            rows = _objects(values)
            found = None if rows is None else self._at_once(rows, self.counts)
        if found is None:
            none = [None] * len(values)
            records = map(Record, values, keys or none, headers or none)
            found = LinesOfUsers(self._one_by_one(records))
        self.counts.records_in += len(values)
        self.counts.lines += len(found.lines)
        return found

    def _one_by_one(self, records: Iterable[Record]) -> list[bytes]:
        lines: list[bytes] = []
        rows: list[Row] = []
        raw: list[bytes] = []
        for record in records:
            value = record.value or b""
            given = value if read_cut(value, self._longest) else read_given(value)
            found = self._decode(record) if given is None else None
            if isinstance(found, Upsert):
                rows.append(found.row)
                raw.append(value)
                continue
            if rows:
                lines += self._to_lines(rows, raw, self.counts)
                rows, raw = [], []
            if given is not None:
                lines.append(self._checked(given, value))
            elif isinstance(found, Truncation) and self._emptied:
                lines += self._emptied
            elif isinstance(found, Ignored | Truncation):
                self.counts.ignored += 1
            elif found is not None:
                lines += self._without_row(found, value)
        return lines + (self._to_lines(rows, raw, self.counts) if rows else [])

    def _checked(self, given: bytes, value: bytes) -> bytes:
        """A line of the contract, or the one that stands for its record in the wrapping.

        Only in its wrapping can the record be fed again.
        """
        dead = self._judge([given]) if given is not value and read_undecoded(given) is None else []
        if not dead:
            return given
        self.counts.undecoded += 1
        letter = dead[0]
        owner = letter.user_id or letter.item_id
        return undecoded_line(Undecoded(value, letter.reason, letter.detail, owner))

    def _without_row(self, found: Withdrawal | Undecodable, value: bytes) -> list[bytes]:
        if isinstance(found, Withdrawal):
            ids = [] if self._withdrawn is None else self._withdrawn(found.row)
            if ids:
                gone = [{"item_id": item_id, "available": False} for item_id in ids]
                return checked_lines(gone, value, self._judge, self.counts)
            if found.told_before:
                self.counts.ignored += 1
                return []
            found = Undecodable("missing_field", "item_id of what was deleted")
        self.counts.undecoded += 1
        return [undecoded_line(Undecoded(value, found.reason, found.detail))]


def _objects(values: Sequence[bytes | None]) -> list[Row] | None:
    """The objects of a batch as `decode` reads them.

    None unless all values are objects, of another shape than ours, and hold nothing that the
    parser alone does not refuse or read exactly.
    """
    try:
        rows = [orjson.loads(value) for value in values]  # type: ignore[arg-type]
        batch = b"\n".join(values)  # type: ignore[arg-type]
    except orjson.JSONDecodeError:
        return None
    if b"\\u0000" in batch or may_hold_long_integers(batch):
        return None
    if max(map(len, values), default=0) > MAX_LEVELS and any(map(is_too_deep, values)):  # type: ignore[arg-type]
        return None
    # A record of the contract in its wrapping is an object of one member.
    if set(map(type, rows)) != {dict} or 1 in map(len, rows):
        return None
    return rows
