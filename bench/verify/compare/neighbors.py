"""Compares the rows of `item_neighbors`."""

from collections.abc import Sequence

from bench.verify.compare.findings import Findings
from bench.verify.compare.report import Figure
from bench.verify.compare.stored import Connection
from bench.verify.recompute import Expected
from bench.verify.recompute.neighbors import HALF_LIFE_MS

SERVED = 50
LEAST = 1e-3
"""The job drops weaker neighbors. One that faded below this and was liked again has begun anew, so
that its strength falls short by up to this."""
TOLERANCE = 5e-4
"""Largest relative deviation; sums are in single precision, and decayed from batch to batch."""


def compare_neighbors(
    expected: Expected, connection: Connection, space_id: int, findings: Findings
) -> list[Figure]:
    """Compare the rows that the input decides, of a job that keeps all neighbors of an item."""
    neighbors = expected.neighbors
    found = set()
    stored = connection.execute(
        "SELECT item_id, neighbor_ids, strengths, interactions,"
        " (extract(epoch FROM as_of) * 1000)::int8 FROM interestream.item_neighbors"
        " WHERE space_id = %s",
        (space_id,),
    )
    for item_id, neighbor_ids, strengths, interactions, as_of_ms in stored:
        found.add(item_id)
        if item_id in neighbors.undecided:
            continue
        growth = 2.0 ** ((neighbors.as_of_ms - as_of_ms) / HALF_LIFE_MS)
        count = neighbors.interactions.get(item_id, 0.0) * growth
        if abs(interactions - count) > TOLERANCE * max(count, 1.0):
            findings.add(
                "neighbors: other interactions",
                f"{item_id!r}: {count} expected, {interactions} found",
            )
        wanted = {
            other: strength * growth
            for other, strength in neighbors.strengths.get(item_id, {}).items()
            if strength * growth > LEAST / 2
        }
        if difference := _difference(wanted, neighbor_ids, strengths):
            findings.add("neighbors different", f"{item_id!r}: {difference}")
    touched = {
        *neighbors.strengths,
        *(item for item, count in neighbors.interactions.items() if count > LEAST),
    }
    for item_id in touched - found - neighbors.undecided:
        findings.add("neighbors missing", repr(item_id))
    undecided = len(found & neighbors.undecided)
    return [
        Figure("item_neighbors: rows compared", None, len(found) - undecided, judged=False),
        Figure("item_neighbors: rows the input does not decide", None, undecided, judged=False),
    ]


def _difference(
    wanted: dict[str, float], neighbor_ids: Sequence[str], strengths: Sequence[float]
) -> str:
    """What is wrong with a row, empty if nothing is."""
    if list(strengths) != sorted(strengths, reverse=True):
        return f"strengths do not fall: {strengths}"
    for other, strength in zip(neighbor_ids, strengths, strict=True):
        limit = TOLERANCE * max(strength, 1.0)
        if not -limit <= wanted.get(other, 0.0) - strength <= limit + LEAST:
            return f"{other!r} has {strength}, {wanted.get(other)} expected"
    weakest = strengths[-1] if len(strengths) == SERVED else 0.0
    for other in wanted.keys() - set(neighbor_ids):
        if wanted[other] > weakest + LEAST + TOLERANCE * max(weakest, 1.0):
            return f"{other!r} is missing, {wanted[other]} expected"
    return ""
