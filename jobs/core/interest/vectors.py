"""Vectors of a batch: the catalogue's rows, and behind them those of texts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class Vectors:
    """`items` `(items, dim)` and `texts` `(texts, dim)`, both float32; a row is numbered
    through, items first."""

    items: NDArray[np.float32]
    texts: NDArray[np.float32]

    def text_row(self, place: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of texts by their place among the texts."""
        return len(self.items) + place

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """`(*rows.shape, dim)` vectors; zero for row -1."""
        if not len(self.items):
            taken = np.zeros((*rows.shape, self.items.shape[1]), dtype=np.float32)
        else:
            taken = self.items.take(rows, axis=0, mode="clip")
        of_text = rows >= len(self.items)
        taken[of_text] = self.texts[rows[of_text] - len(self.items)]
        taken[rows < 0] = 0
        return taken

    def sums(
        self,
        weights: NDArray[np.float32],
        rows: NDArray[np.intp],
        ends: NDArray[np.intp],
    ) -> NDArray[np.float32]:
        """`(sums, dim)`: sum `k` is that of the weighted rows from `ends[k]` to
        `ends[k + 1]`. Row -1 adds nothing."""
        of_item = (rows >= 0) & (rows < len(self.items))
        total = _product(
            np.where(of_item, weights, 0), np.where(of_item, rows, 0), ends, self.items
        )
        of_text = rows >= len(self.items)
        if of_text.any():
            places = np.where(of_text, rows - len(self.items), 0)
            total += _product(np.where(of_text, weights, 0), places, ends, self.texts)
        return total


def _product(
    weights: NDArray[np.float32],
    rows: NDArray[np.intp],
    ends: NDArray[np.intp],
    vectors: NDArray[np.float32],
) -> NDArray[np.float32]:
    if not len(vectors):
        return np.zeros((len(ends) - 1, vectors.shape[1]), dtype=np.float32)
    matrix = sparse.csr_array(
        (weights.astype(np.float32, copy=False), rows, ends), shape=(len(ends) - 1, len(vectors))
    )
    product: NDArray[np.float32] = matrix @ vectors
    return product
