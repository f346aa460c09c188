"""Stretches of users' interactions, as arrays of equal width."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_export.sequence.interactions import Interactions, Ints
from udfs.sequence.features import History


@dataclass(frozen=True)
class Windows:
    """Interactions of users, oldest first and ending in the last column.

    `at` `(windows, width)` are indices of interactions, -1 in front of the first.
    """

    of: Interactions
    at: Ints

    @property
    def present(self) -> NDArray[np.bool_]:
        """`(windows, width)`: where there is an interaction."""
        return self.at >= 0

    @property
    def item(self) -> Ints:
        """`(windows, width)`: rows of the catalogue, 0 where there is no interaction."""
        return np.where(self.present, self.of.item[self.at], 0)

    @property
    def history(self) -> History:
        """The interactions as a model reads them."""
        present = self.present
        return History(
            np.where(present, self.of.time_ms[self.at], 0),
            np.where(present, self.of.weight[self.at], 0).astype(np.float32),
            present,
        )

    def take(self, rows: Ints) -> "Windows":
        """Some of the windows."""
        return Windows(self.of, self.at[rows])


def training_windows(of: Interactions, width: int) -> Windows:
    """Windows in which each interaction but a user's first is once the next after another.

    Each is `width + 1` wide: the first `width` columns are told, and the last are asked. Windows of
    a user overlap by one interaction; users with one interaction have none.
    """
    starts = of.starts
    parts = []
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        # From the newest back, so that only the oldest window is short.
        for last in range(end - 1, start, -width):
            parts.append((max(last - width, start), last))
    if not parts:
        return Windows(of, np.empty((0, width + 1), dtype=np.intp))
    first, last = np.array(parts).T
    at = last[:, None] - np.arange(width, -1, -1)
    return Windows(of, np.where(at >= first[:, None], at, -1))


def histories_before(of: Interactions, asked: Ints, width: int) -> Windows:
    """For each interaction at the indices `asked` `(n,)` those of its user before it, the newest
    `width`."""
    at = asked[:, None] - np.arange(width, 0, -1)
    return Windows(of, np.where(at >= of.starts[of.user[asked]][:, None], at, -1))


def newest_histories(of: Interactions, users: Ints, width: int) -> Windows:
    """The newest `width` interactions of each of the users `(n,)`."""
    at = of.starts[users + 1][:, None] - np.arange(width, 0, -1)
    return Windows(of, np.where(at >= of.starts[users][:, None], at, -1))
