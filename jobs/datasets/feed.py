"""Feeds records to a running job: files of lines in folders that the job watches."""

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import orjson

from jobs.datasets.dataset import Line


class DirectoryFeed:
    """Writes `<root>/{items,events,control}/<number>.ndjson`, each file in one step.

    A file is written under a name that begins with a dot, which the job ignores, and is then
    renamed. Numbers continue from the highest one in the folder, so that a folder can have one
    writer only. Raises ValueError for a raw line with a line feed.
    """

    def __init__(self, root: Path, max_records: int = 5_000) -> None:
        self.root = root
        self._max_records = max_records
        self._next: dict[str, int] = {}
        for stream in ("items", "events", "control"):
            folder = root / stream
            folder.mkdir(parents=True, exist_ok=True)
            numbers = [int(file.stem) for file in folder.glob("*.ndjson") if file.stem.isdecimal()]
            self._next[stream] = max(numbers, default=0) + 1

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
        while lines := [_line(record) for record in islice(remaining, self._max_records)]:
            name = f"{self._next[stream]:010d}.ndjson"
            hidden = self.root / stream / f".{name}"
            hidden.write_bytes(b"\n".join(lines) + b"\n")
            os.replace(hidden, self.root / stream / name)
            self._next[stream] += 1
            written += len(lines)
        return written


def _line(record: Line) -> bytes:
    if isinstance(record, dict):
        return orjson.dumps(record)
    if b"\n" in record:
        raise ValueError(f"a raw line holds a line feed and would be two: {record[:80]!r}")
    return record
