"""Computes a rate from samples of a counter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sample:
    """`committed` events at `at_s` seconds."""

    at_s: float
    committed: int


class TooFewSamplesError(Exception):
    """The run ended before it could be measured: use more events, or a shorter warm-up."""


def measured_range(
    samples: Sequence[Sample], warm_up_s: float, events: int, total: int
) -> tuple[int, int]:
    """First and last index (both included) of the samples to measure.

    The warm-up ends `warm_up_s` after the first commit, or when only `events` of `total` are
    left, whichever comes first. Samples in which all of `total` is committed do not count.
    Raises TooFewSamplesError when fewer than three samples are left.
    """
    started = next((index for index, s in enumerate(samples) if s.committed > 0), len(samples))
    first = started
    while (
        first < len(samples)
        and samples[first].at_s < samples[started].at_s + warm_up_s
        and samples[first].committed < total - events
    ):
        first += 1
    last = len(samples) - 1
    while last > first and samples[last].committed >= total:
        last -= 1
    if last - first < 2:
        raise TooFewSamplesError(
            f"{len(samples)} samples, {max(last - first + 1, 0)} of them after the warm-up:"
            " measure more events"
        )
    return first, last


def slope(samples: Sequence[Sample]) -> float:
    """Events per second: the least-squares line through the samples.

    >>> round(slope([Sample(0.0, 100), Sample(1.0, 300), Sample(2.0, 500)]))
    200
    """
    at = np.array([sample.at_s for sample in samples])
    committed = np.array([sample.committed for sample in samples], dtype=np.float64)
    return float(np.polyfit(at - at[0], committed, 1)[0])
