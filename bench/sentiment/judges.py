"""Simpler and trained judges of a text, beside the job's `SentimentAxis`."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.sentiment import SentimentAxis

Floats = NDArray[np.float64]


def nearest_mean(vectors: Floats, polarity: NDArray[np.int64], texts: Floats) -> Floats:
    """Scores `(n,)` of `texts` `(n, dim)`: 1 at the mean positive sentence, -1 at the negative one.

    `vectors` `(sentences, dim)` are sentences with their `polarity` `(sentences,)`: 1, 0 or -1.
    """
    high, low = vectors[polarity > 0].mean(axis=0), vectors[polarity < 0].mean(axis=0)
    direction = high - low
    scores: Floats = (2 * (texts @ direction) - (high + low) @ direction) / (direction @ direction)
    return scores


def trained(vectors: Floats, labels: NDArray[np.int64]) -> Floats:
    """Scores `(n,)` of linear models, each trained on the labels of the other half of the texts.

    `vectors` is `(n, dim)`, `labels` `(n,)`: 1, 0 or -1.
    """
    scores = np.zeros(len(labels))
    half = np.arange(len(labels)) % 2 == 0
    for train, test in ((half, ~half), (~half, half)):
        scores[test] = SentimentAxis.fit(vectors[train], labels[train]).scores(vectors[test])
    return scores


def lexicon() -> Callable[[Sequence[str]], Floats] | None:
    """A function from texts to scores `(n,)` of an English lexicon.

    None where the package vaderSentiment is not installed.
    """
    try:
        from vaderSentiment.vaderSentiment import (  # type: ignore[import-not-found]  # noqa: PLC0415
            SentimentIntensityAnalyzer,
        )
    except ImportError:
        return None
    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
