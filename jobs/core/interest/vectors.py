"""Vectors of a batch: the rows of the catalogue, followed by the vectors of texts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class Vectors:
    """`items` `(items, dim)` and `texts` `(texts, dim)`, both float32.

    Rows are numbered consecutively, items first; row -1 is a zero vector.
    """

    items: NDArray[np.float32]
    texts: NDArray[np.float32]

    def text_row(self, index: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of the texts at the indices `index` of `texts`."""
        return len(self.items) + index

    def take(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """`(*rows.shape, dim)` copied vectors; zero for row -1."""
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
        """`(sums, dim)` weighted sums of rows.

        `weights` and `rows` are `(n,)`. Sum `k` adds the entries from `ends[k]` up to
        `ends[k + 1]`; row -1 adds zero.
        """
        of_item = (rows >= 0) & (rows < len(self.items))
        total = _product(
            np.where(of_item, weights, 0), np.where(of_item, rows, 0), ends, self.items
        )
        of_text = rows >= len(self.items)
        if of_text.any():
            text_rows = np.where(of_text, rows - len(self.items), 0)
            total += _product(np.where(of_text, weights, 0), text_rows, ends, self.texts)
        return total


def _product(
    weights: NDArray[np.float32],
    rows: NDArray[np.intp],
    ends: NDArray[np.intp],
    vectors: NDArray[np.float32],
) -> NDArray[np.float32]:
    """`(sums, dim)` weighted sums, as a product of a sparse matrix with `vectors`."""
    if not len(vectors):
        return np.zeros((len(ends) - 1, vectors.shape[1]), dtype=np.float32)
    matrix = sparse.csr_array(
        (weights.astype(np.float32, copy=False), rows, ends), shape=(len(ends) - 1, len(vectors))
    )
    product: NDArray[np.float32] = matrix @ vectors
    return product
