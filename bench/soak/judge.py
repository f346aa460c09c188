"""Whether a run stayed flat: its last quarter beside its second one, which is past the warm-up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.soak.sampler import Sample

GROWTH = 1.1
"""A number of the last quarter may be this many times that of the second."""
LEAST_MB = 50.0
"""A kind of process that gained less than this is flat, however small it is."""
LEAST_MS = 20.0
"""So is a delay that rose by less."""


@dataclass(frozen=True)
class Round:
    """A minute or so of events, and how long they took from their writing to their commit."""

    at_s: float
    """Its end, in seconds since the first event."""
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Verdict:
    """One number in the second and in the last quarter of a run."""

    name: str
    before: float
    after: float
    ok: bool


def judge(samples: Sequence[Sample], rounds: Sequence[Round], ended_s: float) -> list[Verdict]:
    """Compare means of memory and medians of delays; checkpoints and restarts count from 0.

    Of Java's heap the least of a quarter counts, which is nearest to what lives in it.

    `ended_s` is the length of the run in seconds. A quarter without a sample gives NaN, which is
    not flat.
    """
    found = []
    for kind in sorted({kind for sample in samples for kind in sample.memory_mb}):
        pairs = [(sample.at_s, sample.memory_mb.get(kind, 0.0)) for sample in samples]
        before, after = (float(np.mean(part)) for part in _quarters(pairs, ended_s))
        found.append(_verdict(f"{kind}, MB", before, after, LEAST_MB))
    for name, numbers, summary in (
        ("Java's heap in use, least, MB", [(one.at_s, one.heap_mb) for one in samples], np.nanmin),
        ("state, MB", [(one.at_s, one.state_mb) for one in samples], np.mean),
    ):
        before, after = (float(summary(part)) for part in _quarters(numbers, ended_s))
        found.append(_verdict(name, before, after, LEAST_MB))
    for name, delays in (
        ("freshness p50, ms", [(one.at_s, one.p50_ms) for one in rounds]),
        ("freshness p99, ms", [(one.at_s, one.p99_ms) for one in rounds]),
    ):
        before, after = (float(np.median(part)) for part in _quarters(delays, ended_s))
        found.append(_verdict(name, before, after, LEAST_MS))
    last = samples[-1]
    found.append(
        Verdict("checkpoints that failed", 0, last.failed_checkpoints, not last.failed_checkpoints)
    )
    found.append(Verdict("restarts", 0, last.restarts, not last.restarts))
    return found


def _verdict(name: str, before: float, after: float, least: float) -> Verdict:
    return Verdict(name, before, after, after <= max(before * GROWTH, before + least))


def _quarters(
    pairs: Sequence[tuple[float, float]], ended_s: float
) -> tuple[list[float], list[float]]:
    before = [value for at_s, value in pairs if 0.25 * ended_s <= at_s < 0.5 * ended_s]
    after = [value for at_s, value in pairs if at_s >= 0.75 * ended_s]
    return before or [float("nan")], after or [float("nan")]
