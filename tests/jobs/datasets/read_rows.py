"""Reads the rows of a file that a test writes."""

from pathlib import Path
from typing import Any

from jobs.datasets.broken_row import BrokenRow
from jobs.datasets.file_format import FileFormat
from jobs.datasets.file_rows import rows


def read(folder: Path, name: str, content: bytes | str, **said: Any) -> list[Any]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return list(rows(folder / name, FileFormat(**said)))


def reasons(found: list[Any]) -> list[str]:
    return [row.reason for row in found if isinstance(row, BrokenRow)]
