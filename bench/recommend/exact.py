"""The exact answer by brute force: every item's score by the contract, without the database."""

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


@dataclass(frozen=True)
class Exact:
    """Scores of all items for people; `popularity` `(n,)` float32, 0 to 1."""

    items: Catalogue
    popularity: Floats

    def best(self, person: Person, k: int, allowed: NDArray[np.bool_] | None) -> list[int]:
        """The `k` items of the highest score that the person has not seen, of those allowed."""
        score = self.scores(person)
        score[person.seen] = -np.inf
        score[person.disliked] = -np.inf
        if allowed is not None:
            score[~allowed] = -np.inf
        top = np.argpartition(-score, k)[:k]
        found: list[int] = top[np.argsort(-score[top])].tolist()
        return found

    def scores(self, person: Person) -> Floats:
        """`(n,)` float32."""
        vectors = self.items.vectors
        made = windows(self.items, person)
        blend = stored(unit(np.sum([BLEND[kind] * made[kind] for kind in BLEND], axis=0)))
        score = SCORE["blend"] * (vectors @ blend)
        score += SCORE["interest"] * (vectors @ vectors[person.medoids[:INTERESTS]].T).max(axis=1)
        score += SCORE["popularity"] * self.popularity
        if "dislikes" in made:
            trust = WEIGHT_OF_DISLIKES / (WEIGHT_OF_DISLIKES + 3)
            score -= SCORE["dislike"] * trust * np.maximum(vectors @ made["dislikes"], 0)
        return np.asarray(score, dtype=np.float32)


def popularity(items: Catalogue, people: list[Person]) -> Floats:
    """ln(1 + interactions of the week before the newest one, at most 64) / ln(65)."""
    counts = np.zeros(len(items.vectors), np.int64)
    for person in people:
        ages = seen_ages_h(len(person.seen))
        recent = ages - ages.min() <= POPULAR_DAYS * 24
        np.add.at(counts, person.seen[recent], 1)
        np.add.at(counts, person.disliked, 1)
    return np.asarray(np.log1p(np.minimum(counts, 64)) / np.log(65), dtype=np.float32)
