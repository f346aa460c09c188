"""What is measured of topics: pure functions of vectors of titles and of topics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TEMPERATURE, OTHER_COSINE = 0.05, 0.15
"""What the schema brings in `topic_settings`."""
_MIXED = 100
_READ = 12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measures:
    """Of titles with known topics, in a space."""

    alike: float
    """Mean cosine of two topics."""
    named: float
    """Share of titles with a cosine of OTHER_COSINE and more with a topic."""
    right: float
    """Share of these whose nearest topic is the one that they were written for."""
    readers_right: float
    """Share of readers of one topic's titles whose first topic is that one."""
    other_of_mixed: float
    """Median share of `other` of readers of a dozen titles of any topic."""


def measure(titles: Floats, topic_of: NDArray[np.int64], topics: Floats) -> Measures:
    """Measure unit vectors of titles `(n, dim)` of the topics `topic_of` `(n,)`, rows of `topics`.

    `topics` are unit vectors `(m, dim)`; each has titles.

    >>> axes = np.eye(2)
    >>> measure(axes, np.array([0, 1]), axes).right
    1.0
    """
    cosines = titles @ topics.T
    nearest = cosines.argmax(axis=1)
    named = cosines.max(axis=1) >= OTHER_COSINE
    readers = _units(
        np.stack([titles[topic_of == number].sum(axis=0) for number in range(len(topics))])
    )
    rng = np.random.default_rng(0)
    mixed = _units(
        np.stack([titles[rng.permutation(len(titles))[:_READ]].sum(axis=0) for _ in range(_MIXED)])
    )
    pairs = (topics @ topics.T)[np.triu_indices(len(topics), 1)]
    first = (readers @ topics.T).argmax(axis=1)
    return Measures(
        float(pairs.mean()),
        float(named.mean()),
        float((nearest == topic_of)[named].mean()) if named.any() else 0.0,
        float((first == np.arange(len(topics))).mean()),
        float(np.median(_share_of_other(mixed @ topics.T))),
    )


def _share_of_other(cosines: Floats) -> Floats:
    weights = np.exp((cosines - OTHER_COSINE) / TEMPERATURE).sum(axis=1)
    shares: Floats = 1 / (1 + weights)
    return shares


def _units(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units
