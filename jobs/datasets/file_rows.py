"""Reads the rows of a file as its mapping describes it."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from jobs.datasets.dataset import Record
from jobs.datasets.file_format import FileFormat
from jobs.datasets.files import csv_rows, text_lines


def is_ndjson(path: Path) -> bool:
    """Whether the file's name is that of JSON lines."""
    return bool({".ndjson", ".jsonl"} & set(path.suffixes))


def rows(path: Path, form: FileFormat) -> Iterator[Record | bytes]:
    """The rows of a file, and the raw bytes of lines that are none.

    Raises DatasetFileError.
    """
    if not is_ndjson(path):
        yield from csv_rows(path, "\t" if ".tsv" in path.suffixes else form.delimiter or ",")
        return
    for line in text_lines(path):
        raw = line.rstrip("\r\n").encode()
        try:
            row = orjson.loads(raw)
        except orjson.JSONDecodeError:
            row = raw
        yield row if isinstance(row, dict) else raw
