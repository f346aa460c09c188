"""The exact answer by brute force: the score of every item, computed without the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.recommend.catalogue import (
    BLEND,
    INTERESTS,
    POPULAR_DAYS,
    WEIGHT_OF_DISLIKES,
    Catalogue,
    Person,
    seen_ages_h,
    stored,
    unit,
    windows,
)
from bench.recommend.titles import Floats

SCORE = {"blend": 0.7, "interest": 0.3, "dislike": 0.4, "popularity": 0.05}
TOGETHER = 10
"""People in one product of matrices: 200 MB of similarities at a million items."""


@dataclass(frozen=True)
class Exact:
    """Scores all items for people; `popularity` `(n,)` float32, 0 to 1."""

    items: Catalogue
    popularity: Floats

    def scores(self, people: Sequence[Person]) -> Iterator[Floats]:
        """For each person `(n,)` float32: -infinity for items that they have seen or disliked."""
        for start in range(0, len(people), TOGETHER):
            part = people[start : start + TOGETHER]
            queries = np.concatenate([self._queries(person) for person in part])
            similar = (queries @ self.items.vectors.T).reshape(len(part), 2 + INTERESTS, -1)
            for person, own in zip(part, similar, strict=True):
                score = self._score(own)
                score[person.seen] = -np.inf
                score[person.disliked] = -np.inf
                yield score

    def _queries(self, person: Person) -> Floats:
        """Blend, dislikes, medoids: `(2 + INTERESTS, dim)` float32."""
        made = windows(self.items, person)
        blend = stored(unit(np.sum([BLEND[kind] * made[kind] for kind in BLEND], axis=0)))
        dislikes = made.get("dislikes", np.zeros_like(blend))
        return np.stack([blend, dislikes, *self.items.vectors[person.medoids]])

    def _score(self, similar: Floats) -> Floats:
        blend, dislikes, *medoids = similar
        trust = WEIGHT_OF_DISLIKES / (WEIGHT_OF_DISLIKES + 3)
        score = SCORE["blend"] * blend + SCORE["interest"] * np.max(medoids, axis=0)
        score -= SCORE["dislike"] * trust * np.maximum(dislikes, 0)
        score += SCORE["popularity"] * self.popularity
        return np.asarray(score, dtype=np.float32)


def best(score: Floats, k: int, allowed: NDArray[np.bool_] | None) -> set[int]:
    """The `k` allowed items with the highest score; `score` and the mask `allowed` are `(n,)`."""
    indices = np.arange(len(score)) if allowed is None else np.flatnonzero(allowed)
    kept = score[indices]
    if k >= len(kept):
        return set(indices[np.isfinite(kept)].tolist())
    return set(indices[np.argpartition(-kept, k)[:k]].tolist())


def popularity(items: Catalogue, people: list[Person]) -> Floats:
    """Popularity `(n,)`: ln(1 + interactions) / ln(65).

    Interactions of the week before the newest one count, at most 64 of them.
    """
    counts = np.zeros(len(items.vectors), np.int64)
    for person in people:
        ages = seen_ages_h(len(person.seen))
        recent = ages - ages.min() <= POPULAR_DAYS * 24
        np.add.at(counts, person.seen[recent], 1)
        np.add.at(counts, person.disliked, 1)
    return np.asarray(np.log1p(np.minimum(counts, 64)) / np.log(65), dtype=np.float32)
