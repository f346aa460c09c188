"""What the tables say about a batch of users: unit vectors per window, and interests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from jobs.core.catalogue import Catalogue
from jobs.core.interests import Interests, cover
from jobs.core.rank_windows import recent_weights, session_weights
from jobs.core.user_state import Records

FAINT = 1e-4
"""A window of less weight has no row: what is left after something was taken back may be
rounding."""


@dataclass(frozen=True)
class WindowRows:
    """Rows of one kind of window: ``user`` are indices into the batch's users, ``vector``
    ``(rows, dim)`` float16 of unit length; ``gone`` are the users who have no such row."""

    kind: str
    user: npt.NDArray[np.intp]
    as_of: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]
    vector: npt.NDArray[np.float16]
    gone: npt.NDArray[np.intp]


@dataclass(frozen=True)
class LastVectors:
    """The vectors behind the last interactions: ``index`` ``(users, last_n)`` rows of ``vectors``
    ``(rows, dim)`` float32. Row 0 is zero: an empty place, or an item that is gone."""

    index: npt.NDArray[np.intp]
    vectors: npt.NDArray[np.float32]


def last_vectors(
    records: Records, catalogue: Catalogue, texts: npt.NDArray[np.void], dim: int
) -> LastVectors:
    """Look the last interactions up in the catalogue, or among the users' own texts."""
    references = records["ring_ref"].ravel()
    rows = np.where(
        records["ring_weight"].ravel() != 0, catalogue.rows_of_references(references), -1
    )
    used, inverse = np.unique(rows, return_inverse=True)
    missing = int(len(used) > 0 and used[0] < 0)
    vectors = np.zeros((1 + len(used) - missing, dim), dtype=np.float32)
    vectors[1:] = catalogue.vectors(used[missing:])
    index = inverse + (1 - missing)
    if len(texts):
        refs, first = np.unique(texts["ref"], return_index=True)
        place = np.minimum(np.searchsorted(refs, references), len(refs) - 1)
        own = (refs[place] == references) & (rows < 0)
        index = np.where(own, len(vectors) + place, index)
        vectors = np.concatenate([vectors, texts["vector"][first].astype(np.float32)])
    return LastVectors(index.reshape(records["ring_ref"].shape), vectors)


def rank_rows(
    records: Records,
    users: npt.NDArray[np.intp],
    last: LastVectors,
    *,
    recent_half_life_events: float,
    session_gap_ms: float,
) -> list[WindowRows]:
    """``recent`` and ``session`` of the records of ``users``, which ``last`` belongs to."""
    mine = records[users]
    newest = mine["ring_ms"][:, 0]
    rows = []
    for kind, weights in (
        ("recent", recent_weights(mine, recent_half_life_events)),
        ("session", session_weights(mine, session_gap_ms)),
    ):
        mass = weights.sum(axis=1, dtype=np.float64)
        rows.append(_rows(kind, users, newest, mass, _weighted(last, weights)))
    return rows


def sum_rows(
    records: Records, users: npt.NDArray[np.intp], kind: str, window: int
) -> WindowRows:
    """One half-life window of the records of ``users``."""
    return _rows(
        kind,
        users,
        records["as_of"][users, window],
        records["weight"][users, window],
        records["sum"][users, window],
    )


def user_interests(
    records: Records,
    last: LastVectors,
    *,
    half_life_events: float,
    cosine: float,
    max_interests: int,
) -> Interests:
    """Interests ``(users, max_interests)`` over the last interactions."""
    weights = np.where(last.index > 0, recent_weights(records, half_life_events), 0.0)
    return cover(
        last.vectors,
        last.index,
        weights,
        ~records["ring_is_text"],
        cosine=cosine,
        max_interests=max_interests,
    )


def _rows(
    kind: str,
    users: npt.NDArray[np.intp],
    as_of: npt.NDArray[np.int64],
    mass: npt.NDArray[np.float64],
    total: npt.NDArray[np.float32],
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
            for name in ("user", "as_of", "weight", "vector", "gone")
        ),
    )


def _weighted(last: LastVectors, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    users, last_n = weights.shape
    # A place without a vector has row 0, which is zero.
    matrix = sparse.csr_array(
        (
            np.where(last.index > 0, weights, np.float32(0)).ravel(),
            last.index.ravel(),
            np.arange(0, users * last_n + 1, last_n),
        ),
        shape=(users, len(last.vectors)),
    )
    product: npt.NDArray[np.float32] = matrix @ last.vectors
    return product
