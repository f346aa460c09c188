"""What an event says of the recommendation that it belongs to, read without the job's code."""

from dataclasses import dataclass
from typing import Any

Cell = tuple[str, int, str, str]
"""(source, place, segment, variant)"""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What an event says of the recommendation that it belongs to."""

    recommendation_id: str
    cell: Cell


def read_recommendation(context: Any) -> Recommendation | None:
    """The recommendation that a context names, None where it names none."""
    if not isinstance(context, dict):
        return None
    named = context.get("recommendation_id")
    if type(named) is int:
        named = str(named)
    if type(named) is not str or named == "":
        return None
    source, segment, variant = (
        value[:64] if type(value := context.get(name)) is str else ""
        for name in ("source", "segment", "variant")
    )
    position = context.get("position")
    place = 0
    if isinstance(position, int | float) and position is not True and position >= 1:
        place = min(int(position), 100)
    return Recommendation(named, (source, place, segment, variant))
