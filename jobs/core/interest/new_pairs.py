"""What a batch of interactions adds to pairs of items, and what it takes back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.arriving_pairs import arriving_pairs, float32_weights
from jobs.core.interest.catalogue import Catalogue
from jobs.core.interest.contributions import Contributions
from jobs.core.interest.user_state import Records
from jobs.core.kernels.contiguous import contiguous
from jobs.core.kernels.loaded import kernels
from jobs.core.neighbors.marks import TEXT, Marks, is_text
from jobs.core.neighbors.pair_updates import PairUpdates, joined_updates
from jobs.core.neighbors.rules import PairRules
from jobs.core.neighbors.sequence_pairs import Sequences, insert, undo_one

_AT_ONCE = 256
"""Users whose matrices of pairs are made at once: 2 MB for a matrix of 32 places."""


def new_pairs(
    records: Records, new: Contributions, catalogue: Catalogue, rules: PairRules | None
) -> tuple[PairUpdates, Marks]:
    """The changes that `new` makes to pairs of the last interactions in `records`, and its marks.

    The marks are `(n,)`, one per contribution. `records` are those before the batch, and stay as
    they are. Interactions in the order of time are paired all at once. For users with others (late
    or undone ones) the interactions are read one by one, as one-event batches would read them.
    """
    marks = np.where(new.is_text, TEXT, 0).astype(np.uint8)
    if rules is None:
        return PairUpdates.none(), marks
    liked = np.flatnonzero(new.likes & (new.weight > 0))
    if not liked.size:
        return PairUpdates.none(), marks
    if compiled := kernels():
        return _by_kernel(records, new, liked, marks, catalogue, rules, compiled.pair_steps), marks
    arriving = liked[new.multiplicity[liked] >= 0]
    slow = np.zeros(len(records), dtype=bool)
    slow[new.user[liked[new.multiplicity[liked] <= 0]]] = True
    slow[new.user[arriving[~_in_order(records, new, arriving)]]] = True
    chosen = arriving[~slow[new.user[arriving]]]
    parts = []
    if chosen.size:
        updates, marks[chosen] = arriving_pairs(records, new, chosen, catalogue, rules)
        parts.append(updates)
    users = np.flatnonzero(slow)
    for start in range(0, len(users), _AT_ONCE):
        some = users[start : start + _AT_ONCE]
        theirs = liked[np.isin(new.user[liked], some)]
        parts += _one_by_one(records, new, theirs, some, marks, catalogue, rules)
    return joined_updates(parts), marks


def _by_kernel(
    records: Records,
    new: Contributions,
    liked: NDArray[np.intp],
    marks: Marks,
    catalogue: Catalogue,
    rules: PairRules,
    pair_steps: Callable[..., tuple[Any, ...]],
) -> PairUpdates:
    """Changes by the interactions at the indices `liked`; sets their marks, in place."""
    steps, is_undo = _in_order_of_reading(new, liked)
    weight = float32_weights(new.weight[steps])
    step_marks, *columns = pair_steps(
        *(contiguous(records[f"ring_{name}"]) for name in ("ms", "key", "ref", "weight", "mark")),
        *catalogue.reference_tables,
        new.user[steps],
        is_undo,
        new.time_ms[steps],
        new.key[steps],
        np.where(new.is_text[steps], -1, new.row[steps]),
        np.where(_early(new, steps), -weight, weight),
        new.is_text[steps],
        rules.window,
        rules.depth,
        rules.per_user_hour,
        rules.by_distance,
    )
    marks[steps[~is_undo]] = step_marks[~is_undo]
    return PairUpdates(*columns)


def _in_order_of_reading(
    new: Contributions, liked: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The indices of contributions, user by user in the order of reading, and which of them undo.

    A contribution of the batch that is undone in the batch is read twice.
    """
    arrives = liked[new.multiplicity[liked] >= 0]
    # An interaction that was undone when it was read is never undone again.
    undone = liked[(new.multiplicity[liked] <= 0) & (new.undone_at[liked] > new.position[liked])]
    steps = np.concatenate([arrives, undone])
    is_undo = np.arange(len(steps)) >= len(arrives)
    position = np.where(is_undo, new.undone_at[steps], new.position[steps])
    # An interaction that replaces another one arrives when that is taken back.
    order = np.lexsort((steps, ~is_undo, position, new.user[steps]))
    return steps[order], is_undo[order]


def _early(new: Contributions, steps: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each contribution at the indices `steps` was undone before it was read."""
    early: NDArray[np.bool_] = (new.multiplicity[steps] == 0) & (
        new.undone_at[steps] <= new.position[steps]
    )
    return early


def _in_order(
    records: Records, new: Contributions, arriving: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """`(arriving,)`: whether each interaction is newer than the one read before it."""
    user, time_ms, key = new.user[arriving], new.time_ms[arriving], new.key[arriving]
    first = np.r_[True, user[1:] != user[:-1]][: len(user)]
    before_ms = np.where(first, records["ring_ms"][user, 0], np.r_[0, time_ms[:-1]])
    before_key = np.where(first, records["ring_key"][user, 0], np.r_[key[:1], key[:-1]])
    empty = first & (records["ring_weight"][user, 0] == 0)
    in_order: NDArray[np.bool_] = (
        empty | (time_ms > before_ms) | ((time_ms == before_ms) & (key > before_key))
    )
    return in_order


def _one_by_one(
    records: Records,
    new: Contributions,
    liked: NDArray[np.intp],
    users: NDArray[np.intp],
    marks: Marks,
    catalogue: Catalogue,
    rules: PairRules,
) -> list[PairUpdates]:
    """Changes by the interactions at the indices `liked` of `users`, in the order of reading.

    Sets the marks of the interactions, in place.
    """
    refs = records["ring_ref"][users]
    item = catalogue.rows_of_references(refs.ravel()).reshape(refs.shape)
    item[is_text(records["ring_mark"][users])] = -1
    sequences = Sequences(
        time_ms=records["ring_ms"][users],
        key=records["ring_key"][users],
        item=item,
        weight=records["ring_weight"][users],
        mark=records["ring_mark"][users],
    )
    steps, is_undo = _in_order_of_reading(new, liked)
    user = np.searchsorted(users, new.user[steps])
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    counts = np.diff(np.r_[starts, len(user)])
    parts = []
    for number in range(int(counts.max())):
        now = starts[counts > number] + number
        if (inserts := now[~is_undo[now]]).size:
            event = steps[inserts]
            weight = float32_weights(new.weight[event])
            one = Sequences(
                new.time_ms[event][:, None],
                new.key[event][:, None],
                np.where(new.is_text[event], -1, new.row[event])[:, None],
                np.where(_early(new, event), -weight, weight)[:, None],
                np.zeros((len(event), 1), dtype=np.uint8),
            )
            who = user[inserts]
            after, updates, marks[event] = insert(sequences.of(who), one, new.is_text[event], rules)
            sequences.put(who, after)
            parts.append(updates)
        if (undos := now[is_undo[now]]).size:
            who = user[undos]
            after, updates = undo_one(sequences.of(who), new.key[steps[undos]], rules)
            sequences.put(who, after)
            parts.append(updates)
    return parts
