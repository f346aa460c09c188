"""Pairs of interactions that arrive in the order of their times: nearly all."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.contributions import Contributions
from jobs.core.interest.user_state import Records
from jobs.core.neighbors.marks import HOUR_MS, Marks, marks_of, numbered, takes_part
from jobs.core.neighbors.pair_updates import PairUpdates
from jobs.core.neighbors.rules import PairRules


def arriving_pairs(
    records: Records,
    new: Contributions,
    chosen: NDArray[np.intp],
    catalogue: Catalogue,
    rules: PairRules,
) -> tuple[PairUpdates, Marks]:
    """The pairs of the interactions at the indices `chosen`, and `(chosen,)` their marks.

    `chosen` is sorted by user and then by time, and each interaction is newer than all of its user
    in `records`. The interactions of a user, old and new, are laid out one after the other, oldest
    first, users behind each other: the older partner at distance `d` is `d` places before.
    """
    window = rules.window
    user = new.user[chosen]
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    touched = user[starts]
    counts = np.diff(np.r_[starts, len(user)])
    owner = np.repeat(np.arange(len(touched)), counts)
    marks = _marks(records, new, chosen, touched, owner, rules)

    begins = np.cumsum(window + counts) - (window + counts)
    size = len(touched) * window + len(user)
    old_at = begins[:, None] + np.arange(window)
    new_at = begins[owner] + window + np.arange(len(user)) - starts[owner]
    weight = np.empty(size, dtype=np.float32)
    item = np.empty(size, dtype=np.intp)
    active = np.empty(size, dtype=bool)
    newest_last = slice(window - 1, None, -1)
    old_weight = records["ring_weight"][touched][:, newest_last]
    old_marks = records["ring_mark"][touched][:, newest_last]
    refs = records["ring_ref"][touched][:, newest_last]
    items = catalogue.rows_of_references(refs.ravel()).reshape(refs.shape)
    weight[old_at], item[old_at] = old_weight, items
    active[old_at] = (old_weight > 0) & takes_part(old_marks) & (items >= 0)
    weight[new_at] = float32_weights(new.weight[chosen])
    item[new_at] = new.row[chosen]
    active[new_at] = takes_part(marks)

    newer = new_at[active[new_at]]
    time_ms = new.time_ms[chosen][active[new_at]]
    places = newer[:, None] - np.arange(1, window + 1)
    # A partner without a part gets a number that no other has, so that it hides nobody.
    partner = np.where(active[places], item[places], -1 - np.arange(window))
    pairs = (partner >= 0) & (partner != item[newer][:, None])
    for apart in range(1, window):
        # Of several interactions with one item the nearest counts.
        pairs[:, apart:] &= partner[:, apart:] != partner[:, :-apart]
    reached = np.cumsum(active)
    # A place of the layout is not a distance: places of texts and undone interactions are left out.
    distance = reached[newer][:, None] - reached[places]
    event, column = np.nonzero(pairs)
    strength = rules.by_distance[distance[event, column]] * np.minimum(
        np.minimum(weight[newer][event], weight[places[event, column]]), 1.0
    )
    return PairUpdates(
        newer=item[newer][event],
        older=partner[event, column],
        strength=strength,
        pair_ms=time_ms[event],
        liked=item[newer],
        count=np.ones(len(newer)),
        liked_ms=time_ms,
    ), marks


def float32_weights(weight: NDArray[np.float64]) -> NDArray[np.float32]:
    """Weights as the last interactions keep them, above 0."""
    return np.maximum(weight.astype(np.float32), np.finfo(np.float32).tiny)


def _marks(
    records: Records,
    new: Contributions,
    chosen: NDArray[np.intp],
    touched: NDArray[np.intp],
    owner: NDArray[np.intp],
    rules: PairRules,
) -> Marks:
    """The marks of the chosen interactions; the one at index `i` belongs to `touched[owner[i]]`."""
    text = new.is_text[chosen]
    hour = new.time_ms[chosen] // HOUR_MS
    # Within an hour all that came before is newer than the hour's start.
    begin_ms = hour * HOUR_MS
    ring_ms = records["ring_ms"][touched]
    number = np.where(
        records["ring_weight"][touched] != 0, numbered(records["ring_mark"][touched]), 0
    )
    before = np.where(ring_ms[owner] >= begin_ms[:, None], number[owner], 0).max(axis=1)
    first = np.flatnonzero(np.r_[True, (owner[1:] != owner[:-1]) | (hour[1:] != hour[:-1])])
    items = np.cumsum(~text)
    earlier: NDArray[np.int64] = np.repeat(
        items[first] - ~text[first], np.diff(np.r_[first, len(owner)])
    )
    counted = before.astype(np.int64) + items - earlier
    return marks_of(text, counted, rules.per_user_hour, np.zeros(len(text), dtype=bool))
