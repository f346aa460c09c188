"""Sums of half-life windows by kernels, in place: bit for bit what numpy makes of them."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.kernels.compiled import compiled


@compiled()
def add_to_sums(
    words: NDArray[np.float32],
    first: int,
    user: NDArray[np.intp],
    keep: NDArray[np.float32],
    is_empty: NDArray[np.bool_],
    ends: NDArray[np.intp],
    share: NDArray[np.float32],
    row: NDArray[np.intp],
    items: NDArray[np.float32],
    texts: NDArray[np.float32],
) -> None:
    """Decay the sums of `user` `(users,)` by `keep`, and add vectors to them.

    `words` `(records, words)` are records as float32; a sum begins at the word `first`. User `k`
    gains the vectors at `row[ends[k]:ends[k + 1]]` of `items` and, behind them, of `texts`, each
    times its `share`. A sum that `is_empty` becomes 0.
    """
    dim = items.shape[1]
    of_items = np.empty(dim, dtype=np.float32)
    of_texts = np.empty(dim, dtype=np.float32)
    for number in range(len(user)):
        total = words[user[number], first : first + dim]
        if is_empty[number]:
            total[:] = 0
            continue
        of_items[:] = 0
        has_text = False
        for event in range(ends[number], ends[number + 1]):
            factor, its_row = share[event], row[event]
            if its_row < len(items):
                for k in range(dim):
                    of_items[k] += factor * items[its_row, k]
            else:
                if not has_text:
                    has_text = True
                    of_texts[:] = 0
                for k in range(dim):
                    of_texts[k] += factor * texts[its_row - len(items), k]
        if has_text:
            for k in range(dim):
                of_items[k] += of_texts[k]
        for k in range(dim):
            total[k] = total[k] * keep[number] + of_items[k]


@compiled()
def sums_left_out(
    bits: NDArray[np.uint32],
    first: int,
    dim: int,
    weight: NDArray[np.float64],
    as_of: NDArray[np.int64],
) -> NDArray[np.intp]:
    """`(users,)`: how many trailing sums of each record can be restored from the others.

    `bits` `(users, words)` are the records' words; the sums of `dim` words each begin at `first`.
    `weight` and `as_of` are `(users, windows)`. `packed_records` says which sums can be restored.
    """
    users, windows = weight.shape
    left_out = np.zeros(users, dtype=np.intp)
    for user in range(users):
        for window in range(windows - 1, -1, -1):
            if weight[user, window] != 0:
                earlier = 0
                while earlier < window and (
                    weight[user, earlier] != weight[user, window]
                    or as_of[user, earlier] != as_of[user, window]
                ):
                    earlier += 1
                if earlier == window:
                    break
                mine, other = first + window * dim, first + earlier * dim
                k = 0
                while k < dim and bits[user, mine + k] == bits[user, other + k]:
                    k += 1
                if k < dim:
                    break
            left_out[user] += 1
    return left_out


@compiled()
def restore_sums(
    bits: NDArray[np.uint32],
    first: int,
    dim: int,
    weight: NDArray[np.float64],
    as_of: NDArray[np.int64],
    left_out: NDArray[np.intp],
) -> None:
    """Restore the trailing sums that records leave out, in place (see `sums_left_out`)."""
    users, windows = weight.shape
    for user in range(users):
        for window in range(windows - left_out[user], windows):
            earlier = 0
            while earlier < window and (
                weight[user, window] == 0
                or weight[user, earlier] != weight[user, window]
                or as_of[user, earlier] != as_of[user, window]
            ):
                earlier += 1
            mine, other = first + window * dim, first + earlier * dim
            for k in range(dim):
                bits[user, mine + k] = bits[user, other + k] if earlier < window else 0
