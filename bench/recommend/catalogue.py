"""A catalogue of any size whose vectors are distributed like those of real titles, and its users.

An item that is not a real title is a random mixture of a title and three of its 50 nearest
neighbours (shares by Dirichlet's distribution, `SHARES`), with noise in all directions (`NOISE` is
its length). This was checked with 31,217 real titles: a catalogue of their size was made from a
tenth and from a thirtieth of them. The cosines of the first and tenth neighbour came within 0.03
and 0.05 of those of the real titles, and the local dimension stayed somewhat below theirs: the
clusters are denser, which is harder for an index, not easier.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.recommend.titles import Floats

VERSION = 6
NOISE = 0.7
SHARES = 0.5
PARENTS, NEAREST = 4, 50
LANGUAGES = ("en", "de", "fr")
LANGUAGE_SHARES = (0.6, 0.3, 0.1)
DAYS = 1000
INTERESTS, SEEN, DISLIKED = 3, 200, 5
BLEND = {"recent": 0.5, "session": 0.2, "day": 0.2, "month": 0.1}
WINDOW_ITEMS = {"recent": 8, "session": 4, "day": 20, "month": SEEN}
"""Number of the newest seen items in each window."""
WEIGHT_OF_DISLIKES = 5.0
TOGETHER = 25
"""People whose items are drawn with one product of matrices."""


@dataclass(frozen=True)
class Catalogue:
    """The items' vectors and other columns, `(n,)` each."""

    vectors: Floats
    """`(n, dim)` float32, rows of L2 norm 1, rounded to float16."""
    tenth: NDArray[np.bool_]
    """A category of one item in ten; as in a real category, similar items are more frequent."""
    hundredth: NDArray[np.bool_]
    """A category of one item in a hundred, made in the same way."""
    language: NDArray[np.int64]
    age_days: NDArray[np.int64]
    """Uniform over `DAYS`."""
    brand: NDArray[np.int64]
    """0 to 499, all equally frequent."""


@dataclass(frozen=True)
class Person:
    """A user, by indices of items."""

    medoids: NDArray[np.int64]
    """`(INTERESTS,)`"""
    seen: NDArray[np.int64]
    """The newest last."""
    disliked: NDArray[np.int64]


def unit(rows: Floats) -> Floats:
    """Rows divided by their L2 norm."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def stored(rows: Floats) -> Floats:
    """Float32 numbers as a halfvec column returns them: rounded to float16."""
    return rows.astype(np.float16).astype(np.float32)


def catalogue(titles: Floats, n: int, seed: int = 0) -> Catalogue:
    """`n` items made from `titles` `(titles, dim)`; where it is larger, `n` of the titles."""
    rng = np.random.default_rng([seed, n])
    vectors = stored(unit(_vectors(titles, n, rng)))
    return Catalogue(
        vectors=vectors,
        tenth=_category(vectors, 0.1, rng),
        hundredth=_category(vectors, 0.01, rng),
        language=rng.choice(len(LANGUAGES), n, p=LANGUAGE_SHARES),
        age_days=rng.integers(0, DAYS, n),
        brand=rng.integers(0, 500, n),
    )


def people(items: Catalogue, count: int, seed: int = 0) -> Iterator[Person]:
    """People with `INTERESTS` interests, who saw items near their interests."""
    rng = np.random.default_rng([seed, len(items.vectors), count])
    n = len(items.vectors)
    around = min(n // 4, 2 * SEEN)
    shares = (SEEN // 2, SEEN // 3, SEEN - SEEN // 2 - SEEN // 3)
    for start in range(0, count, TOGETHER):
        size = min(TOGETHER, count - start)
        medoids = rng.choice(n, (size, INTERESTS), replace=False)
        similarity = items.vectors[medoids.ravel()] @ items.vectors.T
        near = np.stack([np.argsort(-row, kind="stable")[:around] for row in similarity])
        for own, rows in zip(medoids, near.reshape(size, INTERESTS, around), strict=True):
            seen = np.concatenate(
                [
                    rng.choice(row, share, replace=False)
                    for row, share in zip(rows, shares, strict=True)
                ]
            )
            seen = rng.permutation(np.unique(np.concatenate([seen, own])))
            disliked = np.setdiff1d(rng.choice(n, DISLIKED, replace=False), seen)
            yield Person(own, seen, disliked)


def seen_ages_h(count: int) -> NDArray[np.float64]:
    """Hours since each of `count` seen items, newest last: an hour to a month."""
    return np.linspace(30 * 24, 1, count)


def windows(items: Catalogue, person: Person) -> dict[str, Floats]:
    """The windows `(dim,)` of a person by kind, as the database holds them."""
    newest = items.vectors[person.seen[::-1]]
    made = {kind: newest[:count].sum(axis=0) for kind, count in WINDOW_ITEMS.items()}
    if len(person.disliked):
        made["dislikes"] = items.vectors[person.disliked].sum(axis=0)
    return {kind: stored(unit(rows)) for kind, rows in made.items()}


def neighbour_profile(vectors: Floats, sample: int = 200, seed: int = 0) -> dict[str, float]:
    """Mean cosine of the 1st, 10th and 50th neighbour, and the median local dimension.

    The dimension is the maximum-likelihood estimate over 50 neighbours of `sample` vectors.
    """
    picks = np.random.default_rng(seed).choice(len(vectors), sample, replace=False)
    similarity = vectors[picks] @ vectors.T
    similarity[np.arange(sample), picks] = -np.inf
    nearest = -np.sort(-np.partition(similarity, -50, axis=1)[:, -50:], axis=1)
    distance = np.sqrt(np.maximum(2 - 2 * nearest, 1e-6))
    local = 1 / np.mean(np.log(distance[:, -1:] / distance[:, :-1]), axis=1)
    cosines = {str(rank): float(nearest[:, rank - 1].mean()) for rank in (1, 10, 50)}
    return {**cosines, "dimension": float(np.median(local))}


def _vectors(titles: Floats, n: int, rng: np.random.Generator) -> Floats:
    titles = titles[rng.permutation(len(titles))]
    more = n - len(titles)
    if more <= 0:
        return titles[:n]
    nearest = _nearest(titles)
    made = [titles]
    for start in range(0, more, 100_000):
        size = min(100_000, more - start)
        one = rng.integers(0, len(titles), size)
        shares = rng.dirichlet([SHARES] * PARENTS, size).astype(np.float32)
        rows = shares[:, :1] * titles[one]
        for parent in range(1, PARENTS):
            other = nearest[one, rng.integers(0, NEAREST, size)]
            rows += shares[:, parent, None] * titles[other]
        noise = rng.standard_normal(rows.shape, dtype=np.float32)
        made.append(unit(rows) + noise * np.float32(NOISE / np.sqrt(titles.shape[1])))
    return np.concatenate(made)[rng.permutation(n)]


def _nearest(rows: Floats) -> NDArray[np.int64]:
    found = np.empty((len(rows), NEAREST), np.int64)
    for start in range(0, len(rows), 1000):
        similarity = rows[start : start + 1000] @ rows.T
        own = np.arange(len(similarity))
        similarity[own, start + own] = -np.inf
        found[start : start + 1000] = np.argsort(-similarity, axis=1, kind="stable")[:, :NEAREST]
    return found


def _category(vectors: Floats, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    lean = vectors @ unit(rng.standard_normal(vectors.shape[1]).astype(np.float32))
    lean += rng.standard_normal(len(vectors)).astype(np.float32) * lean.std()
    return np.asarray(lean > np.quantile(lean, 1 - share))
