"""Contributions: the weighted vectors that each event adds to the windows of its user."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.joined_events import JoinedEvents
from jobs.core.interest.undo import NOT_UNDOABLE, UNDO_ENTRY, UndoLog, undo
from jobs.core.interest.user_state import UserEntry
from jobs.core.interest.vectors import Vectors


@dataclass(frozen=True)
class Contributions:
    """Weighted vectors for the windows, one entry per contribution; all arrays are `(n,)`.

    - `user`: index into the batch's users.
    - `time_ms` (epoch milliseconds) and `key`: time and key of the event.
    - `weight`: signed weight of the contribution.
    - `multiplicity`: 1 for an event that counts, 0 for one that was undone early, -1 for one that
      counted and is undone now. An event that was replaced is undone.
    - `row`: row of `vectors`.
    - `ref`: reference of the item, or of the text where `is_text`.
    - `likes`: it counts toward likes or dislikes, by the sign of `weight`.
    - `engages`: it counts toward topics, liked or not.
    - `position`: index of the event in the batch, in the order of reading; -1 for an earlier one.
    - `undone_at`: index of the event that undid it, or its own where it was undone early; only
      where `multiplicity` is not 1.
    """

    user: NDArray[np.intp]
    time_ms: NDArray[np.int64]
    key: NDArray[np.uint64]
    weight: NDArray[np.float64]
    multiplicity: NDArray[np.float64]
    row: NDArray[np.intp]
    ref: NDArray[np.uint64]
    is_text: NDArray[np.bool_]
    likes: NDArray[np.bool_]
    engages: NDArray[np.bool_]
    vectors: Vectors
    position: NDArray[np.intp]
    undone_at: NDArray[np.intp]


def contributions_of(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    catalogue: Catalogue,
    undo_last_n: int,
) -> tuple[Contributions, dict[int, bytes]]:
    """The contributions of a batch, and the new undo logs by index into `entries`.

    An undo log keeps the newest `undo_last_n` events of a user; only users with an event that
    undoes, or can be undone, get a new one. Contributions come in three parts, in this order:

    1. `liking`: events with a weight and a vector. An event with a text counts with the text's
       vector; a comment on an item counts with the item's.
    2. `commenting`: comments once more, with their own vector and the action's unsigned weight.
       They count toward topics alone.
    3. `undone`: logged events that are undone now, with their item's current vector.
    """
    has_text = events.text_row >= 0
    by_text = has_text & (~events.comment | (events.row < 0))
    liking = np.flatnonzero((events.weight != 0) & (by_text | (events.row >= 0)))
    commenting = np.flatnonzero(events.comment & has_text & (events.engagement > 0))
    multiplicity = np.ones(len(events))
    when = np.arange(len(events))
    undone, undone_user, undone_at, logs = _undo(entries, events, multiplicity, when, undo_last_n)
    undone_row = catalogue.rows_of_references(undone["ref"])
    known = undone_row >= 0
    undone, undone_user = undone[known], undone_user[known]
    undone_row, undone_at = undone_row[known], undone_at[known]

    arriving = np.concatenate([liking, commenting])
    text_arrives = np.concatenate([by_text[liking], np.ones(len(commenting), dtype=bool)])
    is_text = np.concatenate([text_arrives, np.zeros(len(undone), dtype=bool)])
    vectors = Vectors(catalogue.matrix, events.text_vectors.astype(np.float32))
    row = np.concatenate([events.row[arriving], undone_row])
    row[is_text] = vectors.text_row(events.text_row[arriving][text_arrives])
    likes = np.ones(len(is_text), dtype=bool)
    likes[len(liking) : len(arriving)] = False
    weight = np.concatenate(
        [events.weight[liking], events.engagement[commenting], undone["weight"]]
    )
    engages = weight > 0
    # A comment already counts toward topics through its own contribution (`commenting`).
    engages[: len(liking)] &= ~(events.comment & has_text)[liking]
    arriving_ref = np.where(text_arrives, events.text_ref[arriving], events.ref[arriving])
    return Contributions(
        user=np.concatenate([events.user[arriving], undone_user]),
        time_ms=np.concatenate([events.time_ms[arriving], undone["ms"]]),
        key=np.concatenate([events.key[arriving], undone["key"]]),
        weight=weight,
        multiplicity=np.concatenate([multiplicity[arriving], np.full(len(undone), -1.0)]),
        row=row,
        ref=np.concatenate([arriving_ref, undone["ref"]]),
        is_text=is_text,
        likes=likes,
        engages=engages,
        vectors=vectors,
        position=np.concatenate([arriving, np.full(len(undone), -1)]),
        undone_at=np.concatenate([when[arriving], undone_at]),
    ), logs


def _undo(
    entries: Sequence[UserEntry | None],
    events: JoinedEvents,
    multiplicity: NDArray[np.float64],
    when: NDArray[np.intp],
    keep: int,
) -> tuple[UndoLog, NDArray[np.intp], NDArray[np.intp], dict[int, bytes]]:
    """Logged events that are undone now, and new undo logs by user.

    With the events come the indices of their users and those of the events that undid them. Sets,
    in place, `multiplicity` to 0 for events that were undone early, and `when` to what `undone_at`
    of `Contributions` says.
    """
    logged = np.flatnonzero(
        (events.undo_bit != NOT_UNDOABLE)
        & (events.row >= 0)
        & (events.undoes | (events.weight != 0))
    )
    if not logged.size or not keep:
        none = np.empty(0, dtype=np.intp)
        return np.empty(0, dtype=UNDO_ENTRY), none, none, {}
    users, user = np.unique(events.user[logged], return_inverse=True)
    new = np.zeros(len(logged), dtype=UNDO_ENTRY)
    for name, column in (
        ("ref", events.ref),
        ("key", events.key),
        ("ms", events.time_ms),
        ("weight", events.weight),
        ("bit", events.undo_bit),
        ("undoes", events.undoes),
    ):
        new[name] = column[logged]
    old = [entry.undo_log if (entry := entries[index]) else b"" for index in users.tolist()]
    result = undo(old, new, user, keep)
    early = logged[result.undone_early]
    multiplicity[early] = 0
    # An event of the former logs (-1) undid it before it came.
    by = np.where(result.undone_early_by < 0, 0, logged[result.undone_early_by])
    when[early] = np.maximum(early, by)
    logs = dict(zip(users.tolist(), result.kept, strict=True))
    return result.undone, users[result.undone_user], logged[result.undone_by], logs
