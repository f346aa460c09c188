"""Ways of judging a text: ours, and what it is held against."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.sentiment import SentimentAxis

Floats = NDArray[np.float64]


def nearest_mean(vectors: Floats, polarity: NDArray[np.int64], asked: Floats) -> Floats:
    """Scores `(n,)`: how much nearer a text is to the mean liking than to the mean disliking
    sentence, on the scale of SentimentAxis."""
    high, low = vectors[polarity > 0].mean(axis=0), vectors[polarity < 0].mean(axis=0)
    direction = high - low
    scores: Floats = (2 * (asked @ direction) - (high + low) @ direction) / (direction @ direction)
    return scores


def trained(vectors: Floats, labels: NDArray[np.int64]) -> Floats:
    """Scores `(n,)` of a linear model trained on the labels of the other half of the texts."""
    scores = np.zeros(len(labels))
    half = np.arange(len(labels)) % 2 == 0
    for train, test in ((half, ~half), (~half, half)):
        scores[test] = SentimentAxis.fit(vectors[train], labels[train]).scores(vectors[test])
    return scores


def lexicon() -> Callable[[Sequence[str]], Floats] | None:
    """Scores by the English lexicon of the package vaderSentiment; None where it is missing."""
    try:
        from vaderSentiment.vaderSentiment import (  # type: ignore[import-not-found]  # noqa: PLC0415
            SentimentIntensityAnalyzer,
        )
    except ImportError:
        return None
    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
