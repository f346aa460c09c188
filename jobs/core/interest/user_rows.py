"""Rows of a batch of users: unit vectors per kind of window, and interests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.interests import Interests, cover
from jobs.core.interest.rank_windows import recent_weights
from jobs.core.interest.user_state import InteractionColumns, Records, sum_words
from jobs.core.interest.vectors import Vectors
from jobs.core.kernels.loaded import kernels
from jobs.core.neighbors.marks import is_text

FAINT = 1e-4
"""A window with less weight has no row: after an undo such a rest may be rounding error."""


@dataclass(frozen=True)
class WindowRows:
    """Rows of one kind of window; every column is `(rows,)`.

    - `user`: index into the batch's users.
    - `as_of`: reference time in epoch milliseconds.
    - `vector`: `(rows, dim)` float16 of unit length.
    - `deleted`: indices of the users whose row is deleted.
    """

    kind: str
    user: NDArray[np.intp]
    as_of: NDArray[np.int64]
    weight: NDArray[np.float64]
    vector: NDArray[np.float16]
    deleted: NDArray[np.intp]


@dataclass(frozen=True)
class LastVectors:
    """The vectors of the last interactions.

    `row` `(users, last_n)` are rows of `vectors`, -1 for an empty slot or an unknown item.
    """

    row: NDArray[np.intp]
    vectors: Vectors

    def of(self, users: NDArray[np.intp]) -> "LastVectors":
        """The vectors of the users at the indices `users`."""
        return LastVectors(self.row[users], self.vectors)


def last_vectors(
    ring: InteractionColumns, catalogue: Catalogue, texts: NDArray[np.void]
) -> LastVectors:
    """Look up the last interactions `ring` in the catalogue and among `texts`.

    `texts` are in the layout's `text_dtype`; a reference may occur several times.
    """
    references = ring["ring_ref"].ravel()
    filled = ring["ring_weight"].ravel() != 0
    rows = np.where(filled, catalogue.rows_of_references(references), -1)
    vectors = Vectors(catalogue.matrix, np.empty((0, catalogue.matrix.shape[1]), dtype=np.float32))
    if len(texts):
        refs, first = np.unique(texts["ref"], return_index=True)
        vectors = Vectors(catalogue.matrix, texts["vector"][first].astype(np.float32))
        index = np.minimum(np.searchsorted(refs, references), len(refs) - 1)
        is_text = (refs[index] == references) & (rows < 0) & filled
        rows = np.where(is_text, vectors.text_row(index), rows)
    return LastVectors(rows.reshape(ring["ring_ref"].shape), vectors)


def rank_rows(
    weights: Mapping[str, NDArray[np.float32]],
    is_written: Mapping[str, NDArray[np.bool_]],
    users: NDArray[np.intp],
    newest_ms: NDArray[np.int64],
    last: LastVectors,
) -> list[WindowRows]:
    """Rows of the windows over the last interactions, by kind.

    `weights` maps a kind to the weights `(users, last_n)` of the interactions, `is_written` to
    whether a user's row is written `(users,)`. `users` `(users,)` are indices into the batch's
    users, and `newest_ms` `(users,)` are the times of their newest interactions.
    """
    # Sum a user's kinds one after another: the second sum finds the vectors in the CPU cache.
    user, kind = np.nonzero(np.stack([is_written[name] for name in weights], axis=1))
    chosen = np.stack(list(weights.values()), axis=1)[user, kind]
    vectors = last.vectors
    if compiled := kernels():
        norm, bits = compiled.weighted_units(vectors.items, vectors.texts, last.row, chosen, user)
        unit = bits.view(np.float16)
    else:
        ends = np.arange(0, chosen.size + 1, chosen.shape[1])
        norm, unit = _units(vectors.sums(chosen.ravel(), last.row[user].ravel(), ends))
    mass = chosen.sum(axis=1, dtype=np.float64)
    rows = []
    for number, name in enumerate(weights):
        of_kind = kind == number
        if of_kind.any():
            index = user[of_kind]
            columns = (each[of_kind] for each in (mass, norm, unit))
            rows.append(_rows(name, users[index], newest_ms[index], *columns))
    return rows


def sum_rows(records: Records, users: NDArray[np.intp], kind: str, window: int) -> WindowRows:
    """Rows of half-life window `window`, called `kind`, of the records of `users`."""
    if (compiled := kernels()) and (found := sum_words(records)):
        words, first, dim = found
        norm, bits = compiled.sum_units(words, first + window * dim, dim, users)
        unit = bits.view(np.float16)
    else:
        norm, unit = _units(records["sum"][users, window])
    return _rows(
        kind, users, records["as_of"][users, window], records["weight"][users, window], norm, unit
    )


def user_interests(
    ring: InteractionColumns,
    last: LastVectors,
    *,
    half_life_events: float,
    cosine: float,
    max_interests: int,
) -> Interests:
    """Interests `(users, max_interests)` of the last interactions.

    Weights halve every `half_life_events` interactions; `cosine` is the least similarity to the
    medoid within an interest.
    """
    weights = np.where(last.row >= 0, recent_weights(ring, half_life_events), 0.0)
    return cover(
        last.vectors,
        last.row,
        weights,
        ~is_text(ring["ring_mark"]),
        cosine=cosine,
        max_interests=max_interests,
    )


def _units(total: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float16]]:
    """The norms `(rows,)` and the unit vectors `(rows, dim)` of sums `(rows, dim)`."""
    norm = np.sqrt(np.einsum("ij,ij->i", total, total))
    return norm, (total / np.where(norm > 0, norm, 1)[:, None]).astype(np.float16)


def _rows(
    kind: str,
    users: NDArray[np.intp],
    as_of: NDArray[np.int64],
    mass: NDArray[np.float64],
    norm: NDArray[np.float32],
    unit: NDArray[np.float16],
) -> WindowRows:
    """Rows of the windows with weights `mass` and sums of the norms `norm`, `(users,)` each."""
    # A window whose vectors cancel exactly has no direction.
    present = (mass >= FAINT) & (norm > 0)
    if present.all():
        return WindowRows(kind, users, as_of, mass, unit, users[:0])
    return WindowRows(
        kind, users[present], as_of[present], mass[present], unit[present], users[~present]
    )


def merged(rows: Sequence[WindowRows]) -> WindowRows:
    """The rows of one kind from several parts of a batch, as one."""
    return WindowRows(
        rows[0].kind,
        *(
            np.concatenate([getattr(part, name) for part in rows])
            for name in ("user", "as_of", "weight", "vector", "deleted")
        ),
    )
