"""Pairs of sentences that people have judged for similarity."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_export.errors import SearchError

_COLUMNS = {3: (2, 0, 1), 7: (4, 5, 6)}
"""Positions of score and sentences, by the number of columns: `a, b, score`, or the STS
benchmark's `genre, file, year, number, score, a, b`, which licences may follow."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sentences `first[n]` and `second[n]`; `scores[n]` is higher for more similar ones."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    scores: tuple[float, ...]


def read_pairs(path: Path) -> Pairs:
    """Read a file of labelled pairs, fields separated by tabs.

    Raises SearchError when it cannot be read or no line has a score.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SearchError(f"cannot read pairs from {path}: {error}") from error
    found = [pair for line in lines if (pair := _pair(line.split("\t"))) is not None]
    if len(found) < 2 or np.ptp([score for score, _, _ in found]) == 0:
        raise SearchError(
            f"{path} has no labelled pairs: a line is `sentence, sentence, score`, or "
            "`genre, file, year, number, score, sentence, sentence`, with tabs between"
        )
    scores, first, second = zip(*found, strict=True)
    return Pairs(first, second, scores)


def _pair(fields: list[str]) -> tuple[float, str, str] | None:
    score, first, second = _COLUMNS[7 if len(fields) >= 7 else 3]
    try:
        return float(fields[score]), fields[first], fields[second]
    except (IndexError, ValueError):
        return None
