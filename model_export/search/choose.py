"""Choose the fastest graph inside the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model_export.errors import ParityError
from model_export.search.gate import Gate
from model_export.search.measurement import Measurement

SAME_SPEED = 0.03
"""Speeds within this share are equal on a shared machine: the better overlap decides then."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which graph to publish, and what the others fall short of."""

    name: str
    reason: str
    shortfalls: Mapping[str, Sequence[str]]
    """By the name of a graph; it is inside the gate when the list is empty."""


def choose(reference: Measurement, candidates: Sequence[Measurement], gate: Gate) -> Choice:
    """Return the fastest candidate inside the gate; the reference where there is none.

    The reference may be outside of the gate itself: see `require_inside`.
    """
    # Its measured speed against itself differs from 1 by chance.
    itself = replace(reference, speed=replace(reference.speed, speedup=1.0))
    shortfalls = {one.name: gate.shortfalls(one, reference) for one in (itself, *candidates)}
    inside = [one for one in candidates if not shortfalls[one.name]]
    if not inside:
        return Choice(reference.name, "no candidate is inside the gate", shortfalls)
    fastest = max(one.speed.speedup for one in inside)
    best = max(
        (one for one in inside if one.speed.speedup >= fastest * (1 - SAME_SPEED)),
        key=lambda one: one.overlap,
    )
    reason = (
        f"{best.speed.speedup:.2f} times as fast as {reference.name}, "
        f"top-10 overlap {best.overlap:.3f}"
    )
    return Choice(best.name, reason, shortfalls)


def require_inside(choice: Choice) -> None:
    """Raise ParityError, which lists the shortfalls of all graphs, if the chosen one has some."""
    if choice.shortfalls[choice.name]:
        raise ParityError(
            "no graph is inside the gate:\n  "
            + "\n  ".join(
                f"{name}: {'; '.join(shortfalls)}" for name, shortfalls in choice.shortfalls.items()
            )
        )


def pareto(measured: Sequence[Measurement]) -> set[str]:
    """Return the names of the graphs that no other one beats in both speed and overlap."""
    return {
        one.name
        for one in measured
        if not any(
            other.speed.speedup >= one.speed.speedup
            and other.overlap >= one.overlap
            and (other.speed.speedup > one.speed.speedup or other.overlap > one.overlap)
            for other in measured
        )
    }
