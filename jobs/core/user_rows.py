"""What the tables say about a batch of users: unit vectors per window, and interests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from jobs.core.catalogue import Catalogue
from jobs.core.decayed_sums import Window
from jobs.core.interests import Interests, cover
from jobs.core.rank_windows import recent_weights, session_weights
from jobs.core.user_state import Records


@dataclass(frozen=True)
class WindowRows:
    """One entry per row of ``user_windows``; ``user`` is the index into the batch's users,
    ``kind`` into the kinds' names, ``vector`` ``(rows, dim)`` float16 of unit length."""

    user: npt.NDArray[np.intp]
    kind: npt.NDArray[np.intp]
    as_of: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]
    vector: npt.NDArray[np.float16]


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
    references, inverse = np.unique(records["ring_ref"], return_inverse=True)
    rows = catalogue.rows_of_references(references)
    vectors = np.zeros((len(references) + 1, dim), dtype=np.float32)
    known = rows >= 0
    vectors[1:][known] = catalogue.vectors(rows[known])
    if len(texts):
        refs, first = np.unique(texts["ref"], return_index=True)
        place = np.minimum(np.searchsorted(refs, references), len(refs) - 1)
        own = (refs[place] == references) & ~known
        vectors[1:][own] = texts["vector"][first[place[own]]]
        known = known | own
    index = np.where(known[inverse], inverse + 1, 0).reshape(records["ring_ref"].shape)
    return LastVectors(np.where(records["ring_weight"] > 0, index, 0), vectors)


def window_rows(
    records: Records,
    last: LastVectors,
    windows: Sequence[Window],
    *,
    recent_half_life_events: float,
    session_gap_ms: float,
) -> WindowRows:
    """Rows for every window of every user that has something in it.

    Kinds are numbered ``recent``, ``session``, then ``windows`` in their order.
    """
    newest = records["ring_ms"][:, 0]
    parts: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float64], npt.NDArray[np.int64]]] = []
    for weights in (
        recent_weights(records, recent_half_life_events),
        session_weights(records, session_gap_ms),
    ):
        parts.append((_weighted(last, weights), weights.sum(axis=1), newest))
    for index in range(len(windows)):
        parts.append(
            (records["sum"][:, index], records["weight"][:, index], records["as_of"][:, index])
        )
    users, kinds, as_of, weight, vectors = [], [], [], [], []
    for kind, (total, mass, reference_ms) in enumerate(parts):
        norm = np.linalg.norm(total, axis=1)
        # A window whose vectors cancel exactly keeps the row it had: it has no direction to tell.
        present = np.flatnonzero((mass > 0) & (norm > 0))
        users.append(present)
        kinds.append(np.full(len(present), kind, dtype=np.intp))
        as_of.append(reference_ms[present])
        weight.append(mass[present])
        vectors.append((total[present] / norm[present, None]).astype(np.float16))
    return WindowRows(
        np.concatenate(users),
        np.concatenate(kinds),
        np.concatenate(as_of),
        np.concatenate(weight),
        np.concatenate(vectors),
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


def _weighted(last: LastVectors, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    users, last_n = weights.shape
    matrix = sparse.csr_array(
        (
            weights.astype(np.float32).ravel(),
            last.index.ravel(),
            np.arange(0, users * last_n + 1, last_n),
        ),
        shape=(users, len(last.vectors)),
    )
    product: npt.NDArray[np.float32] = matrix @ last.vectors
    return product
