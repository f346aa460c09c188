"""How similar the vectors of two graphs are, and how neighbours and rankings differ."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model_export.search.pairs import Pairs
from udfs.encoder import Encoder

Vectors = NDArray[np.float32]

NEIGHBOURS = 10


def cosines(left: Vectors, right: Vectors) -> NDArray[np.float64]:
    """Return the cosines of rows `(texts, dim)` in pairs: `(texts,)`, 0 where one is not finite."""
    a, b = left.astype(np.float64), right.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.sum(a * b, axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    similarity: NDArray[np.float64] = np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
    return similarity


def neighbour_overlap(left: Vectors, right: Vectors, top: int = NEIGHBOURS) -> float:
    """Return the mean share of a text's `top` nearest other texts that both agree on."""
    top = min(top, len(left) - 1)
    mine, other = _nearest(left, top), _nearest(right, top)
    return float(
        np.mean([len(np.intersect1d(a, b)) / top for a, b in zip(mine, other, strict=True)])
    )


def _nearest(vectors: Vectors, top: int) -> NDArray[np.intp]:
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-np.nan_to_num(similarity, nan=-2.0), axis=1, kind="stable")[:, :top]


def rank_correlation(encoder: Encoder, pairs: Pairs) -> float:
    """Return Spearman's correlation of the pairs' cosines with their scores."""
    first = encoder.encode(pairs.first, "document")
    second = encoder.encode(pairs.second, "document")
    return float(spearmanr(np.sum(first * second, axis=1), pairs.scores).statistic)
