"""The exact answer by brute force, computed without the database.

The candidates are those that `recommend()` would have if its searches by text found exactly the
nearest items; the score is that of `recommend()`.
"""

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
from jobs.sinks.trend_rows import BEST

SCORE = {"blend": 0.7, "interest": 0.3, "dislike": 0.4}
FOUND, KNOWN = 50, 100
"""Strongest neighbours that are candidates, and those whose share counts."""
CONSIDERED = 2 * KNOWN
"""Neighbours that are looked up where no filter is asked for, before frequent items are damped."""
LAST = 5
"""Newest liked items that texts are compared with one by one."""
TOGETHER = 10
"""People in one product of matrices: 400 MB of similarities at a million items."""


@dataclass(frozen=True)
class Exact:
    """Scores items for people who liked many; `weights` by source, as `recommend()` has them."""

    items: Catalogue
    made: Sources
    weights: Mapping[str, float]

    def scores(
        self, people: Sequence[Person], asked: Sequence[tuple[int, NDArray[np.bool_] | None]]
    ) -> Iterator[list[Floats]]:
        """For each person, scores `(n,)` float32 for each question.

        A question is a number of rows, and a mask `(n,)` of the items that pass its filter. Of
        what is no candidate the score is -infinity: what does not pass, what the person has seen
        or disliked, and what no source offers.
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
                for k, mask in asked:
                    allowed = new if mask is None else new & mask
                    considered = CONSIDERED if mask is None else None
                    share, last = self._shares(person, allowed, considered)
                    offered = self._by_text(own, allowed, list_size(k) + 20)
                    offered[np.argsort(-share)[:FOUND]] |= np.sort(share)[::-1][:FOUND] > 0
                    for horizon in HORIZONS:
                        best_ones = self.made.popular[horizon][:BEST]
                        passing = best_ones[allowed[best_ones]]
                        offered[passing[: max(30, list_size(k))]] = True
                    score = base + self._neighbors(share, last)
                    found.append(np.where(allowed & offered, score, -np.inf).astype(np.float32))
                yield found

    def _shares(
        self, person: Person, allowed: NDArray[np.bool_], considered: int | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """`neighbor_shares()` of the KNOWN strongest alone."""
        share, last = neighbor_shares(self.made, person, allowed, considered)
        unknown = np.argsort(-share)[KNOWN:]
        share[unknown] = last[unknown] = 0.0
        return share, last / max(last.max(), 1e-300)

    def _by_text(self, similar: Floats, allowed: NDArray[np.bool_], pool: int) -> NDArray[np.bool_]:
        """Which items are among the `pool` nearest of any search: `(n,)`.

        The directions differ by their lengths from those that are searched, which changes no order.
        """
        blend, dislikes, *others = similar
        trust = WEIGHT_OF_DISLIKES / (WEIGHT_OF_DISLIKES + 3)
        offered = np.zeros(len(blend), dtype=np.bool_)
        for medoid in others[:INTERESTS]:
            along = SCORE["blend"] * blend + SCORE["interest"] * medoid
            along = along - SCORE["dislike"] * trust / 2 * dislikes
            offered[np.argsort(np.where(allowed, -along, np.inf))[:pool]] = True
        return offered

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

    def _neighbors(
        self, share: NDArray[np.float64], last: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return np.asarray(
            self.weights["neighbors"] * np.sqrt(share)
            + self.weights["neighbors_share"] * share
            + self.weights["neighbors_last"] * last,
            dtype=np.float64,
        )


def list_size(k: int) -> int:
    """The size of list for which `recommend()` looks for candidates."""
    return next((size for size in (20, 50, 100, 200, 500) if k <= size), max(k, 1_000))


def best(score: Floats, k: int) -> set[int]:
    """The `k` items with the highest score `(n,)`, fewer where it is -infinity."""
    kept = np.argpartition(-score, k)[:k] if k < len(score) else np.arange(len(score))
    return set(kept[np.isfinite(score[kept])].tolist())
