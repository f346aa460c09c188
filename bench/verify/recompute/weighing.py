"""The weight of each accepted event, and the vectors of the texts that events need."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.verify.recompute.phases import Accepted
from bench.verify.recompute.sentiment import NEUTRAL_BAND, Prototypes, scores, strengths

Vectors = Callable[[list[str], str], NDArray[np.floating[Any]]]
"""(texts, "document" or "query") -> vectors of the space, (texts, dim)."""
Text = tuple[str, str]
"""("document" or "query", text)."""
NO_VECTOR: Text = ("", "")
"""Stands for the document of a deleted item: its vector is zero."""
SCORE_SLACK = 5e-3
"""How far the scores of two encodings of one text may differ by rounding."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """An accepted event with its weight."""

    accepted: Accepted
    weight: float
    """Signed."""
    slack: float = 0.0
    """How far off the weight may be; above 0 only where the sentiment of a comment scales it."""
    on_edge: bool = False
    """Whether rounding may decide if the comment counts as neutral."""


class TextVectors:
    """The vectors of distinct texts: `vectors` `(texts, dim)`, and `rows` finds a text's row."""

    def __init__(self, texts: Iterable[Text], vectors: Vectors) -> None:
        of_kind: dict[str, list[str]] = {"document": [], "query": []}
        for kind, text in dict.fromkeys(texts):
            of_kind[kind].append(text)
        self.rows = {
            key: row
            for row, key in enumerate((kind, text) for kind in of_kind for text in of_kind[kind])
        }
        parts = [vectors(distinct, kind) for kind, distinct in of_kind.items() if distinct]
        dim = parts[0].shape[1] if parts else 0
        self.rows[NO_VECTOR] = len(self.rows)
        self.vectors: NDArray[np.floating[Any]] = np.concatenate(
            [*parts, np.zeros((1, dim), np.float32)]
        )


def weigh(
    events: Sequence[Accepted], texts: TextVectors, prototypes: Prototypes | None
) -> list[Weighed]:
    """The events with their weights; `texts` has the comment of every judged event."""
    comments = list(dict.fromkeys(one.event.comment for one in events if one.event.judged))
    rows = np.array(
        [texts.rows["document", text] for text in comments if text is not None], np.int64
    )
    score = scores(prototypes, texts.vectors[rows])
    strength = dict(zip(comments, strengths(score).tolist(), strict=True))
    edge = np.abs(np.abs(score) - NEUTRAL_BAND) < SCORE_SLACK
    on_edge = dict(zip(comments, (edge & (score != 0)).tolist(), strict=True))
    found = []
    for one in events:
        event = one.event
        if not event.judged:
            found.append(Weighed(one, event.weight))
            continue
        s = strength[event.comment]
        # A strength that is clipped to 0 or 1 does not move with the score.
        loose = 0 < abs(s) < 1
        slack = abs(event.weight) * SCORE_SLACK / (1 - NEUTRAL_BAND) if loose else 0.0
        found.append(Weighed(one, event.weight * s, slack, on_edge[event.comment]))
    return found
