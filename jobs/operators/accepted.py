"""Accepted events between validation and the fold."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NO_TEXT = -1


@dataclass(frozen=True)
class Accepted:
    """Valid, new events of users that are not excluded: what waiting and joining start from.

    ``text_row`` is the event's row in ``text_vectors``, or ``NO_TEXT``.
    """

    raw: list[bytes]
    user_id: list[str]
    item_id: list[str | None]
    action: list[str]
    time_ms: npt.NDArray[np.int64]
    key: npt.NDArray[np.uint64]
    value: npt.NDArray[np.float64]
    text: list[str | None]
    text_row: npt.NDArray[np.intp]
    text_vectors: npt.NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.user_id)

    def take(self, chosen: npt.NDArray[np.bool_]) -> "Accepted":
        places = np.flatnonzero(chosen)
        index = places.tolist()
        return Accepted(
            [self.raw[i] for i in index],
            [self.user_id[i] for i in index],
            [self.item_id[i] for i in index],
            [self.action[i] for i in index],
            self.time_ms[places],
            self.key[places],
            self.value[places],
            [self.text[i] for i in index],
            self.text_row[places],
            self.text_vectors,
        )
