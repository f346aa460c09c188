"""The exact answer by brute force: the score of every item, computed without the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.recommend.catalogue import (
    BLEND,
    INTERESTS,
    WEIGHT_OF_DISLIKES,
    Catalogue,
    Person,
    stored,
    unit,
    windows,
)
from bench.recommend.sources import HORIZONS, Sources, neighbor_shares, popularity
from bench.recommend.titles import Floats

SCORE = {"blend": 0.7, "interest": 0.3, "dislike": 0.4}
LAST = 5
"""Newest liked items that texts are compared with one by one."""
TOGETHER = 10
"""People in one product of matrices: 400 MB of similarities at a million items."""


@dataclass(frozen=True)
class Exact:
    """Scores all items for people who liked many; `weights` by source, as `recommend()` has them."""

    items: Catalogue
    made: Sources
    weights: Mapping[str, float]

    def scores(
        self, people: Sequence[Person], masks: Sequence[NDArray[np.bool_] | None]
    ) -> Iterator[list[Floats]]:
        """For each person and each mask of the items that pass a filter: scores `(n,)` float32.

        -infinity for items that do not pass, or that the person has seen or disliked.
        """
        popular = sum(
            self.weights.get(f"popular_{horizon}", 0.0) * popularity(self.made, horizon)
            for horizon in HORIZONS
        )
        for start in range(0, len(people), TOGETHER):
            part = people[start : start + TOGETHER]
            queries = np.concatenate([self._queries(person) for person in part])
            similar = (queries @ self.items.vectors.T).reshape(len(part), 2 + INTERESTS + LAST, -1)
            for person, own in zip(part, similar, strict=True):
                base = self._text(own) + popular
                new = np.ones(len(base), dtype=np.bool_)
                new[person.seen] = new[person.disliked] = False
                found = []
                for mask in masks:
                    allowed = new if mask is None else new & mask
                    score = np.where(allowed, base + self._neighbors(person, allowed), -np.inf)
                    found.append(np.asarray(score, dtype=np.float32))
                yield found

    def _queries(self, person: Person) -> Floats:
        """Blend, dislikes, medoids, last liked: `(2 + INTERESTS + LAST, dim)` float32."""
        made = windows(self.items, person)
        blend = stored(unit(np.sum([BLEND[kind] * made[kind] for kind in BLEND], axis=0)))
        dislikes = made.get("dislikes", np.zeros_like(blend))
        last = self.items.vectors[person.seen[::-1][:LAST]]
        return np.stack([blend, dislikes, *self.items.vectors[person.medoids], *last])

    def _text(self, similar: Floats) -> NDArray[np.float64]:
        blend, dislikes = similar[:2]
        medoids, last = similar[2 : 2 + INTERESTS], similar[2 + INTERESTS :]
        trust = WEIGHT_OF_DISLIKES / (WEIGHT_OF_DISLIKES + 3)
        text = SCORE["blend"] * blend + SCORE["interest"] * medoids.max(axis=0)
        text -= SCORE["dislike"] * trust * np.maximum(dislikes, 0)
        return np.asarray(
            self.weights["text"] * text + self.weights["text_last"] * last.max(axis=0),
            dtype=np.float64,
        )

    def _neighbors(self, person: Person, allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
        share, last = neighbor_shares(self.made, person, allowed)
        return np.asarray(
            self.weights["neighbors"] * np.sqrt(share)
            + self.weights["neighbors_share"] * share
            + self.weights["neighbors_last"] * last,
            dtype=np.float64,
        )


def best(score: Floats, k: int) -> set[int]:
    """The `k` items with the highest score `(n,)`, fewer where it is -infinity."""
    kept = np.argpartition(-score, k)[:k] if k < len(score) else np.arange(len(score))
    return set(kept[np.isfinite(score[kept])].tolist())
