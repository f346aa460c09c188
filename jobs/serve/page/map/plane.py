"""The plane of the map: where vectors lie that come from the database as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Plane:
    """The two directions in which the items of a sample differ most."""

    pca: "PCA"

    @property
    def explained(self) -> float:
        """Which share of all differences (of the variance) the plane shows, 0 to 1."""
        return float(self.pca.explained_variance_ratio_.sum())

    def place(self, vectors: Floats) -> Floats:
        """`(n, 2)` places of `(n, dim)` vectors, in the sample or not."""
        places: Floats = self.pca.transform(vectors).astype(np.float32)
        return places


def lay_plane(vectors: Floats) -> Plane:
    """Find the plane of `(n, dim)` vectors, n at least 2; the same for the same vectors.

    >>> flat = np.array([[3, 0, 0], [-3, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32)
    >>> plane = lay_plane(flat)
    >>> round(plane.explained, 3), np.abs(plane.place(flat)[0]).round(2).tolist()
    (1.0, [3.0, 0.0])
    """
    # Importing it takes a second, for which only those wait who draw a map.
    from sklearn.decomposition import PCA  # noqa: PLC0415

    return Plane(PCA(2, svd_solver="covariance_eigh").fit(vectors))


def read_vectors(texts: Sequence[str]) -> Floats:
    """`(n, dim)` numbers of vectors as Postgres writes them.

    >>> read_vectors(["[1,0.5]", "[-2,0]"]).tolist()
    [[1.0, 0.5], [-2.0, 0.0]]
    """
    return np.stack([np.fromstring(text[1:-1], np.float32, sep=",") for text in texts])
