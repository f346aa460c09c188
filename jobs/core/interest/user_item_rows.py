"""What a batch says about users and items: one row per pair, ready to be joined with the table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import KEY_OFFSET


@dataclass(frozen=True)
class UserItemRows:
    """One entry per (user, item); `signal` is NaN where no event of the pair was signed.

    `signal_key` is the event key less 2^63, ordered as the keys are.
    """

    user_id: list[str]
    item_id: list[str]
    actions: NDArray[np.int64]
    first_ms: NDArray[np.int64]
    last_ms: NDArray[np.int64]
    signal: NDArray[np.float64]
    signal_ms: NDArray[np.int64]
    signal_key: NDArray[np.int64]


def user_item_rows(
    user_ids: Sequence[str],
    item_ids: Sequence[str],
    mask: NDArray[np.int64],
    time_ms: NDArray[np.int64],
    key: NDArray[np.uint64],
    weight: NDArray[np.float64],
    undoes: NDArray[np.bool_],
) -> UserItemRows:
    """Join the events `(events,)` of each pair: or, least, greatest, newest signal.

    An event that undoes another is a signal of 0.
    """
    pairs: dict[tuple[str, str], int] = {}
    pair = np.array(
        [pairs.setdefault(both, len(pairs)) for both in zip(user_ids, item_ids, strict=True)],
        dtype=np.intp,
    )
    count = len(pairs)
    actions = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(actions, pair, mask)
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, pair, time_ms)
    last = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(last, pair, time_ms)
    signed_key = (key ^ np.uint64(KEY_OFFSET)).view(np.int64)
    # Ascending by pair, signed or not, time and key: the last of a pair is its newest signal.
    signed = (weight != 0) | undoes
    order = np.lexsort((signed_key, time_ms, signed, pair))
    newest = order[np.r_[pair[order][1:] != pair[order][:-1], True]] if count else order
    signal = np.where(signed[newest], weight[newest], np.nan)
    return UserItemRows(
        [both[0] for both in pairs],
        [both[1] for both in pairs],
        actions,
        first,
        last,
        signal,
        time_ms[newest],
        signed_key[newest],
    )
