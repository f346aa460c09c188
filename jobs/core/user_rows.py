"""What the tables say about a batch of users: unit vectors per window, and interests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.core.catalogue import Catalogue
from jobs.core.interests import Interests, cover
from jobs.core.rank_windows import recent_weights, session_weights
from jobs.core.user_state import Records
from jobs.core.vectors import Vectors

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
    """The vectors behind the last interactions: ``row`` ``(users, last_n)`` of ``vectors``, -1 for
    an empty place, or an item that is gone."""

    row: npt.NDArray[np.intp]
    vectors: Vectors


def last_vectors(
    records: Records, catalogue: Catalogue, texts: npt.NDArray[np.void]
) -> LastVectors:
    """Look the last interactions up in the catalogue, or among the users' own texts."""
    references = records["ring_ref"].ravel()
    filled = records["ring_weight"].ravel() != 0
    rows = np.where(filled, catalogue.rows_of_references(references), -1)
    vectors = Vectors(catalogue.matrix, np.empty((0, catalogue.matrix.shape[1]), dtype=np.float32))
    if len(texts):
        refs, first = np.unique(texts["ref"], return_index=True)
        vectors = Vectors(catalogue.matrix, texts["vector"][first].astype(np.float32))
        place = np.minimum(np.searchsorted(refs, references), len(refs) - 1)
        own = (refs[place] == references) & (rows < 0) & filled
        rows = np.where(own, vectors.text_row(place), rows)
    return LastVectors(rows.reshape(records["ring_ref"].shape), vectors)


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
        size, last_n = weights.shape
        ends = np.arange(0, size * last_n + 1, last_n)
        total = last.vectors.sums(weights.ravel(), last.row.ravel(), ends)
        rows.append(_rows(kind, users, newest, mass, total))
    return rows


def sum_rows(records: Records, users: npt.NDArray[np.intp], kind: str, window: int) -> WindowRows:
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
    weights = np.where(last.row >= 0, recent_weights(records, half_life_events), 0.0)
    return cover(
        last.vectors,
        last.row,
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
