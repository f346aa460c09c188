"""Strengths of all pairs in users' sequences, as matrices: for late and undone interactions."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from jobs.core.neighbors.marks import HOUR_MS, Marks, marks_of, numbered, takes_part
from jobs.core.neighbors.pair_updates import PairUpdates
from jobs.core.neighbors.rules import PairRules


@dataclass(frozen=True)
class Sequences:
    """Interactions of users, newest first; the columns are `(users, places)`.

    `item` is a row of the catalogue, -1 for a text. `weight` is 0 in an empty place, and negative
    for an undone interaction. `mark` is described in `marks`.
    """

    time_ms: NDArray[np.int64]
    key: NDArray[np.uint64]
    item: NDArray[np.intp]
    weight: NDArray[np.float32]
    mark: Marks

    COLUMNS: ClassVar = ("time_ms", "key", "item", "weight", "mark")

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which interactions make pairs."""
        return (self.weight > 0) & (self.item >= 0) & takes_part(self.mark)

    def of(self, users: NDArray[np.intp]) -> "Sequences":
        """The sequences of the users at these indices."""
        return Sequences(*(getattr(self, name)[users] for name in self.COLUMNS))

    def put(self, users: NDArray[np.intp], others: "Sequences") -> None:
        """Replace the sequences of the users at these indices, in place."""
        for name in self.COLUMNS:
            column = getattr(self, name)
            column[users] = getattr(others, name)[:, : column.shape[1]]


def pair_strengths(
    sequences: Sequences,
    active: NDArray[np.bool_],
    place: NDArray[np.intp],
    rules: PairRules,
) -> NDArray[np.float64]:
    """`(users, places, places)`: the strength of each pair (newer, older), 0 without a pair.

    `active` and `place` are `(users, places)`: which interactions make pairs, and their places
    among the user's interactions; two of them are at most `window` places apart.
    """
    places = active.shape[1]
    reached = np.cumsum(active, axis=1)
    distance = reached[:, None, :] - reached[:, :, None]
    near = place[:, None, :] - place[:, :, None] <= rules.window
    older = np.arange(places)[None, :] > np.arange(places)[:, None]
    both = active[:, :, None] & active[:, None, :] & older
    same = both & (sequences.item[:, :, None] == sequences.item[:, None, :])
    # Of several interactions with one item the nearest counts: none is between the two.
    upto = np.cumsum(same, axis=1)
    hidden = upto[:, -1:, :] > upto
    pairs = both & near & ~same & ~hidden
    weight = np.minimum(sequences.weight, 1.0)
    lighter = np.minimum(weight[:, :, None], weight[:, None, :])
    found: NDArray[np.float64] = np.where(
        pairs, rules.by_distance[np.where(pairs, distance, 0)] * lighter, 0.0
    )
    return found


def insert(
    before: Sequences, new: Sequences, text: NDArray[np.bool_], rules: PairRules
) -> tuple[Sequences, PairUpdates, Marks]:
    """Insert one interaction per user; `new` has one place, whose mark is found here.

    Returns the sequences with one more place, the changes, and `(users,)` the marks.
    """
    places = before.time_ms.shape[1] + 1
    newer = (before.weight != 0) & (
        (before.time_ms > new.time_ms) | ((before.time_ms == new.time_ms) & (before.key > new.key))
    )
    rank = newer.sum(axis=1)
    in_hour = (before.weight != 0) & (before.time_ms // HOUR_MS == new.time_ms // HOUR_MS)
    number = np.where(in_hour, numbered(before.mark), 0).max(axis=1).astype(np.int64) + 1
    # Interactions of one time have no order that says which of them is late.
    later = (before.weight != 0) & (before.time_ms > new.time_ms)
    late = later.sum(axis=1) > rules.depth
    marks = marks_of(text, number, rules.per_user_hour, late)
    new = replace(new, mark=marks[:, None])
    index = np.arange(places)
    at = index == rank[:, None]
    source = np.minimum(np.where(index < rank[:, None], index, index - 1), places - 2)
    after = Sequences(
        *(
            np.where(
                at,
                getattr(new, name),
                np.take_along_axis(getattr(before, name), np.maximum(source, 0), axis=1),
            )
            for name in Sequences.COLUMNS
        )
    )
    active = after.active
    place = np.broadcast_to(index, at.shape)
    strengths = pair_strengths(after, active, place, rules)
    strengths -= pair_strengths(after, active & ~at, place - (index > rank[:, None]), rules)
    # An interaction without a part changes nothing, although it takes a place.
    strengths[late | ~(text | takes_part(marks))] = 0
    return after, _updates(after, strengths, active & at, 1.0), marks


def undo_one(
    before: Sequences, key: NDArray[np.uint64], rules: PairRules
) -> tuple[Sequences, PairUpdates]:
    """Mark the interactions with the keys `(users,)` undone, where a user's sequence has it.

    Returns the sequences, and the changes.
    """
    at = (before.key == key[:, None]) & (before.weight > 0)
    active = before.active
    place = np.broadcast_to(np.arange(at.shape[1]), at.shape)
    after = replace(before, weight=np.where(at, -before.weight, before.weight))
    strengths = pair_strengths(before, active & ~at, place, rules)
    strengths -= pair_strengths(before, active, place, rules)
    return after, _updates(before, strengths, active & at, -1.0)


def _updates(
    sequences: Sequences,
    strengths: NDArray[np.float64],
    counted: NDArray[np.bool_],
    count: float,
) -> PairUpdates:
    user, newer, older = np.nonzero(strengths)
    liked = np.nonzero(counted)
    return PairUpdates(
        newer=sequences.item[user, newer],
        older=sequences.item[user, older],
        strength=strengths[user, newer, older],
        pair_ms=sequences.time_ms[user, newer],
        liked=sequences.item[liked],
        count=np.full(len(liked[0]), count),
        liked_ms=sequences.time_ms[liked],
    )
