"""The last positive interactions of each user, ordered by (time, key), newest first."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.interest.contributions import Contributions
from jobs.core.interest.user_state import Records
from jobs.core.neighbors.marks import TEXT, Marks

_FIELDS = ("ring_ms", "ring_key", "ring_ref", "ring_weight", "ring_mark")


def update_last(
    records: Records, new: Contributions, marks: Marks | None = None
) -> NDArray[np.bool_]:
    """Merge the new interactions, with their `marks` `(n,)`, into the records' ring buffers.

    The buffers are changed in place; without `marks`, only texts have one. Returns `(users,)`:
    whether a user's ring buffer has changed.

    The result depends only on the set of interactions: the newest `last_n` of a union are the
    newest of its parts' newest. An undone interaction keeps its slot, with a negative weight.
    """
    changed = np.zeros(len(records), dtype=bool)
    if marks is None:
        marks = np.where(new.is_text, TEXT, 0).astype(np.uint8)
    if not records["ring_ms"].shape[1]:
        return changed
    liked = np.flatnonzero(new.likes & (new.weight > 0))
    arriving = liked[new.multiplicity[liked] >= 0]
    if arriving.size:
        changed[_insert(records, new, marks, arriving)] = True
    undone = liked[new.multiplicity[liked] < 0]
    if undone.size:
        users = np.unique(new.user[undone])
        weight = records["ring_weight"][users]
        is_undone = np.isin(records["ring_key"][users], new.key[undone]) & (weight > 0)
        records["ring_weight"][users] = np.where(is_undone, -weight, weight)
        changed[users] |= is_undone.any(axis=1)
    return changed


def _insert(
    records: Records, new: Contributions, marks: Marks, arriving: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Merge the interactions at the indices `arriving`; returns the indices of their users."""
    # Newest first within each user: lexsort is ascending, so the whole order is reversed.
    order = arriving[
        np.lexsort((new.key[arriving], new.time_ms[arriving], new.user[arriving]))[::-1]
    ]
    user = new.user[order]
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    touched: NDArray[np.intp] = user[starts]
    counts = np.diff(np.r_[starts, len(user)])
    last_n = records["ring_ms"].shape[1]
    widest = min(int(counts.max()), last_n)
    rank = np.arange(len(order)) - np.repeat(starts, counts)
    fits = rank < widest
    row, slot, chosen = np.repeat(np.arange(len(touched)), counts)[fits], rank[fits], order[fits]
    # A weight that float32 rounds to 0 would mark the slot as empty.
    weight = np.maximum(new.weight.astype(np.float32), np.finfo(np.float32).tiny)
    columns = {
        "ring_ms": new.time_ms,
        "ring_key": new.key,
        "ring_ref": new.ref,
        "ring_weight": np.where(new.multiplicity > 0, weight, -weight),
        "ring_mark": marks,
    }
    both = {}
    for name, column in columns.items():
        old = records[name][touched]
        joined = np.zeros((len(touched), widest + last_n), dtype=old.dtype)
        joined[row, slot] = column[chosen]
        joined[:, widest:] = old
        both[name] = joined
    taken = _newest(both, np.minimum(counts, widest), widest, last_n)
    for name, joined in both.items():
        records[name][touched] = np.take_along_axis(joined, taken, axis=1)
    return touched


def _newest(
    both: dict[str, NDArray[np.generic]],
    counts: NDArray[np.intp],
    widest: int,
    last_n: int,
) -> NDArray[np.intp]:
    """`(users, last_n)` column indices of the newest interactions in `both`.

    The arrays `(users, widest + last_n)` of `both` hold up to `widest` new interactions and then
    the old ones; `counts` `(users,)` is the number of new ones. Both parts are sorted already.
    """
    slots = np.arange(last_n)
    # Nearly always all new interactions are newer than all old ones.
    taken: NDArray[np.intp] = np.where(
        slots < counts[:, None], slots, widest + np.maximum(slots - counts[:, None], 0)
    )
    users = np.arange(len(counts))
    oldest = counts - 1
    ms, key, weight = both["ring_ms"], both["ring_key"], both["ring_weight"]
    mixed = np.flatnonzero(
        (weight[:, widest] != 0)
        & (
            (ms[users, oldest] < ms[:, widest])
            | ((ms[users, oldest] == ms[:, widest]) & (key[users, oldest] < key[:, widest]))
        )
    )
    if mixed.size:
        # Ascending with empty slots first, then reversed.
        order = np.lexsort((key[mixed], ms[mixed], weight[mixed] != 0), axis=-1)[:, ::-1]
        taken[mixed] = order[:, :last_n]
    return taken
