"""The parts of scores as bars: where each part begins and how wide it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ORDER = ("text", "neighbors", "sequence", "popular", "new", "dislike", "shown")
"""The parts of `parts.score` in the order of the bar; docs/sql.md says what each is made of."""


@dataclass(frozen=True)
class Segment:
    """A part of one score; `x` and `width` are percent of the whole bar."""

    name: str
    value: float
    x: float
    width: float


@dataclass(frozen=True)
class ScoreBar:
    """A row of the answer with its bar."""

    segments: tuple[Segment, ...]
    zero: float
    """Where 0 is, in percent of the whole bar; parts below 0 lie to the left of it."""
    total: float


def score_parts(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the parts of a row of `recommend()`, which add up to its score.

    A row of a user without a vector has one part: its popularity.
    """
    parts = (row.get("parts") or {}).get("score")
    if isinstance(parts, Mapping):
        return {name: float(parts[name]) for name in ORDER if name in parts}
    return {"popular": float(row["score"])}


def score_bars(rows: Sequence[Mapping[str, Any]]) -> list[ScoreBar]:
    """Return one bar a row, all on one scale.

    >>> bars = score_bars([{"score": 3, "parts": {"score": {"text": 4.0, "dislike": -1.0}}}])
    >>> [(each.name, each.x, each.width) for each in bars[0].segments], bars[0].zero
    ([('text', 20.0, 80.0), ('dislike', 0.0, 20.0)], 20.0)
    """
    all_parts = [score_parts(row) for row in rows]
    above = max((sum(v for v in each.values() if v > 0) for each in all_parts), default=0.0)
    below = max((-sum(v for v in each.values() if v < 0) for each in all_parts), default=0.0)
    scale = 100 / (above + below) if above + below > 0 else 0.0
    zero = below * scale
    bars = []
    for row, parts in zip(rows, all_parts, strict=True):
        left, right = zero, zero
        segments = []
        for name, value in parts.items():
            width = abs(value) * scale
            if value < 0:
                left -= width
            segments.append(Segment(name, value, round(left if value < 0 else right, 3), width))
            if value > 0:
                right += width
        bars.append(ScoreBar(tuple(s for s in segments if s.value), zero, float(row["score"])))
    return bars
