"""Reads texts whose sentiment people have labelled, from files of several forms."""

import csv
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import xxhash
from numpy.typing import NDArray

NEUTRAL_RATING = 0.5
"""A mean rating from -4 to 4 counts as neutral when it is no further from 0."""
_NAMES = {"positive": 1, "pos": 1, "neutral": 0, "neu": 0, "negative": -1, "neg": -1}
_TEXT_COLUMNS = ("text", "sentence", "review")
_LABEL_COLUMNS = ("label", "sentiment", "polarity", "rating")
_LANGUAGE = re.compile(r"([a-z]{2})[-_]")


class LabelledFileError(ValueError):
    """A file of labelled texts cannot be read; the message gives the form that was expected."""


@dataclass(frozen=True)
class Labelled:
    """Texts and their labels `(n,)`: 1, 0 or -1."""

    name: str
    language: str
    texts: list[str]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.texts)


def find_files(paths: list[Path]) -> list[Path]:
    """The files in `paths`, and the files in its folders whose names are those of labelled texts:
    `*_GroundTruth.txt` and `*sentiment.*`."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*"))
            named = [
                file
                for file in inside
                if file.name.endswith("_GroundTruth.txt") or file.stem.endswith("sentiment")
            ]
            found += [file for file in named if file.suffix in _READERS]
        else:
            found.append(path)
    return found


def read_labelled(file: Path, limit: int) -> Labelled:
    """The distinct texts of a file with their labels; at most `limit`, chosen by hash.

    `.txt` and `.tsv` files have an id, a mean rating from -4 to 4, and a text, between tabs.
    `.json` and `.jsonl` files have an object in each line, `.csv` files a header. Both have a
    text and a label: a word (positive, neutral, negative), or 1, 0 or -1. The language is a
    code of two letters and a hyphen at the start of the file name, and English without one.
    Raises LabelledFileError.
    """
    if file.suffix not in _READERS:
        raise LabelledFileError(f"{file}: files of labelled texts end in {', '.join(_READERS)}")
    try:
        rows = dict(_READERS[file.suffix](file))
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise LabelledFileError(f"{file} cannot be read as labelled texts: {error}") from error
    chosen = sorted(rows, key=lambda text: (xxhash.xxh3_64_intdigest(text.encode()), text))[:limit]
    if not chosen:
        raise LabelledFileError(f"{file} holds no labelled text")
    language = _LANGUAGE.match(file.name)
    return Labelled(
        name=file.stem,
        language=language.group(1) if language else "en",
        texts=chosen,
        labels=np.array([rows[text] for text in chosen], dtype=np.int64),
    )


def _rated(file: Path) -> Iterator[tuple[str, int]]:
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        parts = line.split("\t", 2)
        if len(parts) == 3 and parts[2].strip():
            rating = float(parts[1])
            yield html.unescape(parts[2].strip()), _sign(rating, NEUTRAL_RATING)


def _objects(file: Path) -> Iterator[tuple[str, int]]:
    for line in file.read_bytes().splitlines():
        if line.strip():
            yield _row(orjson.loads(line))


def _table(file: Path) -> Iterator[tuple[str, int]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield from map(_row, csv.DictReader(stream))


def _row(record: dict[str, Any]) -> tuple[str, int]:
    text = next(record[name] for name in _TEXT_COLUMNS if record.get(name))
    label = next(record[name] for name in _LABEL_COLUMNS if record.get(name) is not None)
    known = _NAMES.get(str(label).strip().lower())
    return str(text).strip(), _sign(float(label), 0.0) if known is None else known


def _sign(value: float, neutral: float) -> int:
    return 0 if abs(value) <= neutral else (1 if value > 0 else -1)


_READERS = {
    ".txt": _rated,
    ".tsv": _rated,
    ".json": _objects,
    ".jsonl": _objects,
    ".csv": _table,
}
