"""The sentiment of said texts, as a job reads it at its start and takes it into its operators."""

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
"""`(texts, vectors (n, dim) float32 of the space) -> (n,)` scores, -1 to 1."""


@dataclass(frozen=True, eq=False)
class Sentiment:
    """Pickled into the job; a few kilobytes."""

    axis: SentimentAxis
    neutral_band: float
    classifier: str = ""
    """`package.module:function`, which takes the place of the axis."""

    @classmethod
    def neutral(cls, dim: int) -> "Sentiment":
        """Every text is neutral."""
        return cls(SentimentAxis.neutral(dim), 0.0)

    @classmethod
    def load(
        cls, connection: psycopg.Connection, space_id: int, settings: SentimentSettings
    ) -> "Sentiment":
        """What the prototypes of a space say; neutral without encoded ones of both signs.

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
            "SELECT polarity, embedding::vector::real[] FROM interestream.sentiment_prototypes"
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
        """Whether every text is neutral, for want of sentences or a classifier."""
        return not self.classifier and not self.axis.direction.any()

    def strength(
        self, vectors: NDArray[np.floating[Any]], texts: Sequence[str] = ()
    ) -> NDArray[np.float32]:
        """`(n,)` in [-1, 1], 0 within the neutral band, for `(n, dim)` vectors of the space.

        `texts`, in the same order, are needed by a classifier only. Raises ClassifierError when
        one does not give a number per text.
        """
        if not self.classifier:
            return strengths(self.axis.scores(vectors), self.neutral_band)
        if not len(vectors):
            return np.zeros(0, dtype=np.float32)
        classify = load_classifier(self.classifier)
        given = np.asarray(classify(list(texts), np.asarray(vectors, np.float32)), dtype=np.float64)
        if given.shape != (len(vectors),) or not np.isfinite(given).all():
            raise ClassifierError(
                f"{self.classifier} gave {given.shape} for {len(vectors)} texts, or numbers that "
                "are not finite: let it give one finite number per text"
            )
        return strengths(given, self.neutral_band)


@cache
def load_classifier(path: str) -> Classifier:
    """The function that `package.module:function` names; imported once per process.

    Raises ConfigError when there is none.
    """
    module, separator, name = path.partition(":")
    if not (module and separator and name):
        raise ConfigError(f"sentiment.classifier is '{path}': write package.module:function")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"sentiment.classifier cannot be loaded: {error}") from error
    if not callable(found):
        raise ConfigError(
            f"sentiment.classifier {path} is a {type(found).__name__}, not a function"
        )
    return found  # type: ignore[no-any-return]
