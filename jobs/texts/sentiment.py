"""Judges the sentiment of comments by a space's sentences or by a configured classifier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import psycopg
from numpy.typing import ArrayLike, NDArray

from jobs.config import SentimentSettings
from jobs.core.interest.sentiment import SentimentAxis, strengths
from jobs.errors import ClassifierError, ConfigError

Classifier = Callable[[Sequence[str], NDArray[np.float32]], ArrayLike]
"""`(n texts, vectors of the space (n, dim) float32) -> (n,)` scores, -1 to 1."""


@dataclass(frozen=True, eq=False)
class Sentiment:
    """How comments are judged. It is pickled into the job's operators: a few kilobytes."""

    axis: SentimentAxis
    neutral_band: float
    """Absolute scores up to this one count as 0."""
    classifier: str = ""
    """`package.module:function`, used instead of the axis unless empty."""

    @classmethod
    def neutral(cls, dim: int) -> "Sentiment":
        """Return a Sentiment that judges every text as neutral."""
        return cls(SentimentAxis.neutral(dim), 0.0)

    @classmethod
    def load(
        cls, connection: psycopg.Connection, space_id: int, settings: SentimentSettings
    ) -> "Sentiment":
        """Fit the axis to the encoded sentences of a space; neutral unless both signs are there.

        Raises ConfigError when the configured classifier cannot be loaded, or there is no such
        space.
        """
        if settings.classifier:
            load_classifier(settings.classifier)
        row = connection.execute(
            "SELECT dim FROM interestream.spaces WHERE space_id = %s", (space_id,)
        ).fetchone()
        if row is None:
            raise ConfigError(
                f"there is no embedding space {space_id}: see `interestream space list`"
            )
        (dim,) = row
        rows = connection.execute(
            "SELECT polarity, embedding::real[] FROM interestream.sentiment_prototypes"
            " WHERE space_id = %s AND embedding IS NOT NULL ORDER BY language, text",
            (space_id,),
        ).fetchall()
        axis = SentimentAxis.fit(
            np.array([vector for _, vector in rows], dtype=np.float64).reshape(-1, dim),
            np.array([polarity for polarity, _ in rows], dtype=np.int64),
        )
        return cls(axis, settings.neutral_band, settings.classifier)

    @property
    def is_neutral(self) -> bool:
        """Whether every text is neutral, because there are neither sentences nor a classifier."""
        return not self.classifier and not self.axis.direction.any()

    def strength(
        self, vectors: NDArray[np.floating[Any]], texts: Sequence[str] = ()
    ) -> NDArray[np.float32]:
        """Judge n texts by their `(n, dim)` vectors of the space.

        Returns `(n,)` float32 in [-1, 1], 0 within the neutral band. `texts`, in the same order,
        are needed only with a classifier. Raises ClassifierError when the classifier does not
        return one finite number per text.
        """
        if not self.classifier:
            return strengths(self.axis.scores(vectors), self.neutral_band)
        if not len(vectors):
            return np.zeros(0, dtype=np.float32)
        classify = load_classifier(self.classifier)
        scores = np.asarray(
            classify(list(texts), np.asarray(vectors, np.float32)), dtype=np.float64
        )
        if scores.shape != (len(vectors),) or not np.isfinite(scores).all():
            raise ClassifierError(
                f"{self.classifier} returned shape {scores.shape} for {len(vectors)} texts, or"
                " numbers that are not finite: it must return one finite number per text"
            )
        return strengths(scores, self.neutral_band)


@cache
def load_classifier(path: str) -> Classifier:
    """Import the function that `package.module:function` names, once per process.

    Raises ConfigError when it cannot be imported or is not a function.
    """
    module, separator, name = path.partition(":")
    if not (module and separator and name):
        raise ConfigError(f"sentiment.classifier is '{path}': write package.module:function")
    try:
        function = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"sentiment.classifier cannot be loaded: {error}") from error
    if not callable(function):
        raise ConfigError(
            f"sentiment.classifier {path} is a {type(function).__name__}, not a function"
        )
    return function  # type: ignore[no-any-return]
