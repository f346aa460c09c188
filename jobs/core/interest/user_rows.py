"""What the tables say about a batch of users: unit vectors per window, and interests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.interests import Interests, cover
from jobs.core.interest.rank_windows import recent_weights
from jobs.core.interest.user_state import InteractionColumns, Records
from jobs.core.interest.vectors import Vectors

FAINT = 1e-4
"""A window of less weight has no row: what is left after something was taken back may be
rounding."""


@dataclass(frozen=True)
class WindowRows:
    """Rows of one kind of window: `user` are indices into the batch's users, `vector`
    `(rows, dim)` float16 of unit length; `deleted` are the users who have no such row."""

    kind: str
    user: NDArray[np.intp]
    as_of: NDArray[np.int64]
    weight: NDArray[np.float64]
    vector: NDArray[np.float16]
    deleted: NDArray[np.intp]


@dataclass(frozen=True)
class LastVectors:
    """The vectors behind the last interactions: `row` `(users, last_n)` of `vectors`, -1 for
    an empty place, or an item that is gone."""

    row: NDArray[np.intp]
    vectors: Vectors

    def of(self, places: NDArray[np.intp]) -> "LastVectors":
        """Those of some of the users."""
        return LastVectors(self.row[places], self.vectors)


def last_vectors(
    ring: InteractionColumns, catalogue: Catalogue, texts: NDArray[np.void]
) -> LastVectors:
    """Look the last interactions up in the catalogue, or among the users' own texts."""
    references = ring["ring_ref"].ravel()
    filled = ring["ring_weight"].ravel() != 0
    rows = np.where(filled, catalogue.rows_of_references(references), -1)
    vectors = Vectors(catalogue.matrix, np.empty((0, catalogue.matrix.shape[1]), dtype=np.float32))
    if len(texts):
        refs, first = np.unique(texts["ref"], return_index=True)
        vectors = Vectors(catalogue.matrix, texts["vector"][first].astype(np.float32))
        place = np.minimum(np.searchsorted(refs, references), len(refs) - 1)
        own = (refs[place] == references) & (rows < 0) & filled
        rows = np.where(own, vectors.text_row(place), rows)
    return LastVectors(rows.reshape(ring["ring_ref"].shape), vectors)


def rank_rows(
    weights: Mapping[str, NDArray[np.float32]],
    wanted: Mapping[str, NDArray[np.bool_]],
    users: NDArray[np.intp],
    newest_ms: NDArray[np.int64],
    last: LastVectors,
) -> list[WindowRows]:
    """Rows of the windows over the last interactions: of each kind `weights` `(users, last_n)`
    of these, and `wanted` `(users,)` whose row it is."""
    # A user's sums follow each other: the second finds the vectors in the cache.
    user, kind = np.nonzero(np.stack([wanted[name] for name in weights], axis=1))
    chosen = np.stack(list(weights.values()), axis=1)[user, kind]
    ends = np.arange(0, chosen.size + 1, chosen.shape[1])
    total = last.vectors.sums(chosen.ravel(), last.row[user].ravel(), ends)
    mass = chosen.sum(axis=1, dtype=np.float64)
    rows = []
    for index, name in enumerate(weights):
        of_kind = kind == index
        if of_kind.any():
            who = user[of_kind]
            rows.append(_rows(name, users[who], newest_ms[who], mass[of_kind], total[of_kind]))
    return rows


def sum_rows(records: Records, users: NDArray[np.intp], kind: str, window: int) -> WindowRows:
    """One half-life window of the records of `users`."""
    return _rows(
        kind,
        users,
        records["as_of"][users, window],
        records["weight"][users, window],
        records["sum"][users, window],
    )


def user_interests(
    ring: InteractionColumns,
    last: LastVectors,
    *,
    half_life_events: float,
    cosine: float,
    max_interests: int,
) -> Interests:
    """Interests `(users, max_interests)` over the last interactions."""
    weights = np.where(last.row >= 0, recent_weights(ring, half_life_events), 0.0)
    return cover(
        last.vectors,
        last.row,
        weights,
        ~ring["ring_is_text"],
        cosine=cosine,
        max_interests=max_interests,
    )


def _rows(
    kind: str,
    users: NDArray[np.intp],
    as_of: NDArray[np.int64],
    mass: NDArray[np.float64],
    total: NDArray[np.float32],
) -> WindowRows:
    norm = np.sqrt(np.einsum("ij,ij->i", total, total))
    # A window whose vectors cancel exactly has no direction to tell.
    present = (mass >= FAINT) & (norm > 0)
    chosen = np.flatnonzero(present)
    return WindowRows(
        kind,
        users[chosen],
        as_of[chosen],
        mass[chosen],
        (total[chosen] / norm[chosen, None]).astype(np.float16),
        users[~present],
    )


def merged(rows: Sequence[WindowRows]) -> WindowRows:
    """Rows of one kind, of several parts of a batch."""
    return WindowRows(
        rows[0].kind,
        *(
            np.concatenate([getattr(part, name) for part in rows])
            for name in ("user", "as_of", "weight", "vector", "deleted")
        ),
    )
