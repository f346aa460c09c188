"""The embedding space: vectors relative to the catalogue's mean, rounded to float16."""

import heapq
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from udfs.encoder import Kind
from udfs.errors import DegenerateVectorError, EmptyCatalogueError, SettingsError

SMALLEST_NORM = 1e-4
"""A difference from the mean shorter than this is rounding, not a direction.

Vectors of one text differ by up to 1e-6 between machines; real texts are 0.5 and more away.
"""


class EncodesTexts(Protocol):
    """The part of an encoder that a space needs."""

    @property
    def dim(self) -> int:
        """Components of a vector."""
        ...

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return vectors `(len(texts), dim)` float32, rows of L2 norm 1."""
        ...


def directions(
    vectors: NDArray[np.float32], mean: NDArray[np.float32]
) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
    """Return `unit(vectors - mean)` `(n, dim)` float16, and which of the n rows have a direction.

    A row that equals the mean or is not finite has none: it is zero and its flag is False.
    Raises SettingsError when the dimensions differ.
    """
    if vectors.ndim != 2 or mean.shape != vectors.shape[1:]:
        raise SettingsError(f"vectors {vectors.shape}, mean {mean.shape}: use (n, dim) and (dim,)")
    # In float64, so that the rounding to float16 is the only one that shows.
    differences = vectors.astype(np.float64) - mean
    norms = np.sqrt(np.sum(np.square(differences), axis=1, keepdims=True))
    usable = np.isfinite(norms) & (norms >= SMALLEST_NORM)
    units = np.divide(differences, norms, out=np.zeros_like(differences), where=usable)
    return units.astype(np.float16), usable[:, 0]


def to_space(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return vectors of the space: `unit(vectors - mean)` `(n, dim)` float16.

    `vectors` is `(n, dim)` float32 as the encoder gives them, `mean` `(dim,)` float32.
    Raises DegenerateVectorError naming the rows that equal the mean or are not finite, and
    SettingsError when the dimensions differ.

    >>> v = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    >>> to_space(v, np.array([0.0, 0.0], dtype=np.float32)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    units, usable = directions(vectors, mean)
    if not usable.all():
        rows = np.flatnonzero(~usable)
        raise DegenerateVectorError(
            f"{len(rows)} of {len(units)} vectors equal the mean or are not finite "
            f"(rows {rows[:10].tolist()}): leave these texts out, or build the space anew from "
            "a larger catalogue"
        )
    return units


def catalogue_mean(
    encoder: EncodesTexts, documents: Iterable[str], sample: int = 1000, seed: int = 0
) -> NDArray[np.float32]:
    """Return the mean `(dim,)` float32 of the vectors of at most `sample` distinct documents.

    The sample is a function of the set of documents and `seed`, whatever their order: those
    whose xxh3 hash is smallest. A single distinct document gives zeros, since a mean that equals
    its vector would leave it no direction. Raises EmptyCatalogueError without documents, and
    SettingsError when `sample` is below 1.
    """
    if sample < 1:
        raise SettingsError(f"sample {sample}: use 1 or more")
    distinct = set(documents)
    if not distinct:
        raise EmptyCatalogueError(
            "no document to take the catalogue's mean of: load items before building a space, or"
            " give a data set with items, each with a title"
        )
    if len(distinct) == 1:
        return np.zeros(encoder.dim, dtype=np.float32)
    chosen = heapq.nsmallest(sample, distinct, key=lambda text: (_rank(text, seed), text))
    mean: NDArray[np.float32] = (
        encoder.encode(chosen, "document").mean(axis=0, dtype=np.float64).astype(np.float32)
    )
    return mean


def _rank(text: str, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), seed)
