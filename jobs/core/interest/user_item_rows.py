"""Rows of `user_items` of a batch: one per user and item, to be merged into the table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.core.event_key import KEY_OFFSET


@dataclass(frozen=True)
class UserItemRows:
    """Rows of `user_items`, one per user and item; every column is `(rows,)`.

    - `actions`: bits of the actions; `first_ms`, `last_ms`: times of the first and the last event,
      in epoch milliseconds.
    - `signal`: weight of the newest event that has one or that undoes or replaces others (0 for an
      event that only undoes), NaN without such an event; `signal_ms`: its time; `signal_key`: its
      key less 2^63, which fits a bigint and keeps the order.
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
    """Merge the events of each user and item into one row.

    All arguments are `(events,)`: `mask` is the bit of the event's action, `weight` is signed, and
    `undoes` is True for an event that undoes or replaces others, which is a signal even without a
    weight.
    """
    pairs: dict[tuple[str, str], int] = {}
    pair = np.array(
        [pairs.setdefault(ids, len(pairs)) for ids in zip(user_ids, item_ids, strict=True)],
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
    # Events without a weight come first within a pair, so its last event is its newest signal.
    signed = (weight != 0) | undoes
    order = np.lexsort((signed_key, time_ms, signed, pair))
    newest = order[np.r_[pair[order][1:] != pair[order][:-1], True]] if count else order
    signal = np.where(signed[newest], weight[newest], np.nan)
    return UserItemRows(
        [user_id for user_id, _ in pairs],
        [item_id for _, item_id in pairs],
        actions,
        first,
        last,
        signal,
        time_ms[newest],
        signed_key[newest],
    )
