"""A row that could not be read: its raw bytes, and why."""

from typing import Self


class BrokenRow(bytes):
    """The bytes of a broken row, which the job makes a dead letter.

    In a stream it is a line of its own kind (`line_bytes`), so that the dead letter tells both:
    `reason` is one of few texts, so that it can be counted; `place` is file and line or row.
    """

    reason: str
    place: str

    @classmethod
    def of(cls, raw: bytes, reason: str, place: str) -> Self:
        """The row of `raw`, which holds no line feed.

        >>> BrokenRow.of(b"1,2", "too few cells", "a.csv, line 7").reason
        'too few cells'
        """
        row = cls(raw)
        row.reason, row.place = reason, place
        return row
