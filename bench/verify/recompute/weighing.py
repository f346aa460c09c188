"""What each accepted event weighs, and the vectors that it points to."""

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
SCORE_SLACK = 5e-3
"""How far two encodings of one text, equal but for rounding, may lie apart in their score."""


@dataclass(frozen=True, slots=True)
class Weighed:
    accepted: Accepted
    weight: float
    """Signed."""
    slack: float = 0.0
    """How far off the weight may be, since a text was judged."""
    on_edge: bool = False
    """Whether rounding may decide between neutral and not."""


class Table:
    """The vectors of the texts that were asked for."""

    def __init__(self, texts: Iterable[Text], vectors: Vectors) -> None:
        of_kind: dict[str, list[str]] = {"document": [], "query": []}
        for kind, text in dict.fromkeys(texts):
            of_kind[kind].append(text)
        self.rows = {
            key: row
            for row, key in enumerate((kind, text) for kind in of_kind for text in of_kind[kind])
        }
        tables = [vectors(asked, kind) for kind, asked in of_kind.items() if asked]
        self.vectors: NDArray[np.floating[Any]] = (
            np.concatenate(tables) if tables else np.zeros((0, 0), np.float32)
        )


def weigh(events: Sequence[Accepted], table: Table, prototypes: Prototypes | None) -> list[Weighed]:
    """table has the text of every event that is judged."""
    said = list(dict.fromkeys(one.event.said for one in events if one.event.judged))
    rows = np.array([table.rows["document", text] for text in said if text is not None], np.int64)
    score = scores(prototypes, table.vectors[rows])
    strength = dict(zip(said, strengths(score).tolist(), strict=True))
    edge = np.abs(np.abs(score) - NEUTRAL_BAND) < SCORE_SLACK
    on_edge = dict(zip(said, (edge & (score != 0)).tolist(), strict=True))
    found = []
    for one in events:
        event = one.event
        if not event.judged:
            found.append(Weighed(one, event.weight))
            continue
        s = strength[event.said]
        # What is clipped does not move.
        loose = 0 < abs(s) < 1
        slack = abs(event.weight) * SCORE_SLACK / (1 - NEUTRAL_BAND) if loose else 0.0
        found.append(Weighed(one, event.weight * s, slack, on_edge[event.said]))
    return found
