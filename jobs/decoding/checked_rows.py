"""Makes lines of rows that are records of the contract already."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from jobs.core.parsing.events import DeadLetter
from jobs.core.parsing.judges import Judge
from jobs.core.parsing.undecoded_lines import Undecoded, undecoded_line
from jobs.decoding.stream_counts import StreamCounts
from jobs.mapping.values import as_ids

MOST_OWNERS = 100
"""Dead letters of one record, each with the whole of it: a record can name many thousands."""


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
            line
            for row, record in zip(rows, raw, strict=True)
            for line in checked_lines([row], record, self._judge, counts)
        ]


def item_ids(row: Mapping[str, Any]) -> list[Any]:
    """The id in what is known of an item that was deleted, which may be its key alone."""
    (item_id,) = as_ids([row.get("item_id")])
    if item_id is None and len(row) == 1:
        (item_id,) = as_ids(list(row.values()))
    return [] if item_id is None else [item_id]


def checked_lines(
    rows: Sequence[Mapping[str, Any]], record: bytes, judge: Judge, counts: StreamCounts
) -> list[bytes]:
    """The lines of the rows of one record, and one that stands for the record if some are broken.

    That one holds the whole record, however many of its rows are broken. It is repeated for each
    user or item of theirs, MOST_OWNERS at most, so that forgetting one of them finds it.
    """
    lines = [as_line(row) for row in rows]
    dead = judge(lines)
    if not dead:
        return lines
    # They come in the order of the lines, which are equal only where both are dead or none is.
    letters = iter(dead)
    following = next(letters, None)
    accepted = []
    broken: dict[str | None, DeadLetter] = {}
    for line in lines:
        if following is None or following.raw != line:
            accepted.append(line)
            continue
        if len(broken) < MOST_OWNERS:
            broken.setdefault(following.user_id or following.item_id, following)
        following = next(letters, None)
    if len(broken) > 1:
        broken.pop(None, None)
    counts.undecoded += len(broken)
    return accepted + [
        undecoded_line(Undecoded(record, letter.reason, letter.detail, owner))
        for owner, letter in broken.items()
    ]


def as_line(row: Mapping[str, Any]) -> bytes:
    """A row as JSON; what JSON cannot hold becomes a text, which the job will judge."""
    try:
        return orjson.dumps(row, default=str)
    except TypeError:
        # A number beyond 64 bits, or half of a surrogate pair.
        return orjson.dumps({str(name): ascii(found) for name, found in row.items()})
