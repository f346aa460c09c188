"""Makes lines of rows that are records of the contract already."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from jobs.core.parsing.judges import Judge
from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.values import as_ids


class CheckedRows:
    """Writes rows as lines; one that the job would not accept stands for its record as it came."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def __call__(
        self, rows: Sequence[Mapping[str, Any]], raw: Sequence[bytes], counts: StreamCounts
    ) -> list[bytes]:
        """The lines of rows, whose records came as the bytes `raw`."""
        lines = [as_line(row) for row in rows]
        if not self._judge(lines):
            return lines
        return [
            checked_line(line, record, self._judge, counts)
            for line, record in zip(lines, raw, strict=True)
        ]


def item_ids(row: Mapping[str, Any]) -> list[Any]:
    """The id in what is known of an item that was deleted, which may be its key alone."""
    (item_id,) = as_ids([row.get("item_id")])
    if item_id is None and len(row) == 1:
        (item_id,) = as_ids(list(row.values()))
    return [] if item_id is None else [item_id]


def checked_line(line: bytes, record: bytes, judge: Judge, counts: StreamCounts) -> bytes:
    """A line that is accepted, or else the one that stands for its `record`."""
    dead = judge([line])
    if not dead:
        return line
    counts.undecoded += 1
    letter = dead[0]
    return undecoded_line(
        Undecoded(record, letter.reason, letter.detail, letter.user_id or letter.item_id)
    )


def as_line(row: Mapping[str, Any]) -> bytes:
    """A row as JSON; what JSON cannot hold becomes a text, which the job will judge."""
    try:
        return orjson.dumps(row, default=str)
    except TypeError:
        # A number beyond 64 bits, or half of a surrogate pair.
        return orjson.dumps({str(name): ascii(found) for name, found in row.items()})
