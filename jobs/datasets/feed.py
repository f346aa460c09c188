"""Feeds records to a running job: files of lines in folders that the job watches."""

from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import Protocol

from jobs.datasets.dataset import Line, line_bytes
from jobs.datasets.stream_files import StreamFiles, cut
from jobs.decoding.given_lines import given_line


class Feed(Protocol):
    """Writes records into the three streams of a job; each call returns how many."""

    written: dict[str, int]
    """Records that were written, by stream; also those before a call that failed."""

    def write_items(self, records: Iterable[Line]) -> int:
        """Write item records."""

    def write_events(self, records: Iterable[Line]) -> int:
        """Write event records."""

    def write_control(self, records: Iterable[Line]) -> int:
        """Write control records."""


class DirectoryFeed:
    """Writes files of records into `<root>/{items,events,control}`, each file in one step.

    The names of one feed are in the order in which it wrote the files. A line of more than a
    megabyte is cut, and so becomes a dead letter. Raises ValueError for a raw line with a line
    feed.

    `foreign` are the streams of records of another shape, into which records of the contract go in
    a wrapping (`given_line`).
    """

    def __init__(self, root: Path, max_records: int = 5_000, foreign: Collection[str] = ()) -> None:
        self.root = root
        self._foreign = foreign
        self._max_records = max_records
        self.written: dict[str, int] = {}
        """Records that are in files, by stream."""
        self._files: dict[str, StreamFiles] = {}
        for stream in ("items", "events", "control"):
            folder = root / stream
            folder.mkdir(parents=True, exist_ok=True)
            self._files[stream] = StreamFiles(folder)
            self.written[stream] = 0

    def write_items(self, records: Iterable[Line]) -> int:
        """Write item records; returns how many."""
        return self._write("items", records)

    def write_events(self, records: Iterable[Line]) -> int:
        """Write event records; returns how many."""
        return self._write("events", records)

    def write_control(self, records: Iterable[Line]) -> int:
        """Write control records; returns how many."""
        return self._write("control", records)

    def _write(self, stream: str, records: Iterable[Line]) -> int:
        remaining = iter(records)
        written = 0
        is_foreign = stream in self._foreign
        while lines := [_line(one, is_foreign) for one in islice(remaining, self._max_records)]:
            self._files[stream].publish(b"\n".join(lines) + b"\n")
            written += len(lines)
            self.written[stream] += len(lines)
        return written


def _line(record: Line, is_foreign: bool) -> bytes:
    if isinstance(record, bytes) and b"\n" in record:
        raise ValueError(f"a raw line holds a line feed and would be two: {record[:80]!r}")
    line = cut(line_bytes(record))
    return given_line(line) if is_foreign else line
