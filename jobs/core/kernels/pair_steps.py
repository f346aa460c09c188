"""Pairs of items by a kernel: reads a batch's interactions user by user, one after the other."""

import numpy as np
from numpy.typing import NDArray

from jobs.core.kernels.compiled import compiled
from jobs.core.neighbors.marks import BEYOND, HOUR_MS, LATE, TEXT

_PAIRS_A_STEP = 24
"""Room for the pairs of a step to begin with; arrays that are full are doubled."""


@compiled()
def pair_steps(
    ring_ms: NDArray[np.int64],
    ring_key: NDArray[np.uint64],
    ring_ref: NDArray[np.uint64],
    ring_weight: NDArray[np.float32],
    ring_mark: NDArray[np.uint8],
    index_keys: NDArray[np.uint64],
    index_rows: NDArray[np.intp],
    user: NDArray[np.intp],
    is_undo: NDArray[np.bool_],
    time_ms: NDArray[np.int64],
    key: NDArray[np.uint64],
    item: NDArray[np.intp],
    weight: NDArray[np.float32],
    text: NDArray[np.bool_],
    window: int,
    depth: int,
    per_user_hour: int,
    by_distance: NDArray[np.float64],
) -> tuple[
    NDArray[np.uint8],
    NDArray[np.intp],
    NDArray[np.intp],
    NDArray[np.float64],
    NDArray[np.int64],
    NDArray[np.intp],
    NDArray[np.float64],
    NDArray[np.int64],
]:
    """The marks `(steps,)` of the steps, and the seven columns of PairUpdates.

    `ring_*` `(users, last_n)` are the last interactions before the batch; they stay as they are.
    `index_*` are the tables of a ReferenceIndex. The other columns are `(steps,)`, a user's steps
    one behind the other in the order of reading: an interaction arrives, or `is_undo` takes back
    the one with the `key` (its mark is 0). `item` is -1 for a text, `weight` is negative for an
    interaction that was undone early. The rules are those of PairRules.
    """
    steps = len(user)
    places = ring_ms.shape[1] + 1
    marks = np.zeros(steps, dtype=np.uint8)
    newer = np.empty(_PAIRS_A_STEP * steps + 1, dtype=np.intp)
    older = np.empty(len(newer), dtype=np.intp)
    strength = np.empty(len(newer), dtype=np.float64)
    pair_ms = np.empty(len(newer), dtype=np.int64)
    pairs = 0
    liked = np.empty(steps, dtype=np.intp)
    count = np.empty(steps, dtype=np.float64)
    liked_ms = np.empty(steps, dtype=np.int64)
    likes = 0

    # The sequence of the user whose steps are read, newest first; one place more than it keeps.
    at_ms = np.zeros(places, dtype=np.int64)
    its_key = np.zeros(places, dtype=np.uint64)
    its_item = np.zeros(places, dtype=np.intp)
    its_weight = np.zeros(places, dtype=np.float32)
    its_mark = np.zeros(places, dtype=np.uint8)
    active = np.zeros(places, dtype=np.bool_)
    # `nearest[j]` is the next newer active place with the item of place `j`, -1 without one.
    nearest = np.empty(places, dtype=np.intp)
    nearest_without = np.empty(places, dtype=np.intp)
    # Pairs of one newer place, as they are with the interaction at `rank`, and without it.
    with_it = np.empty(places, dtype=np.float64)
    without = np.empty(places, dtype=np.float64)
    mask = np.uint64(len(index_keys) - 1)

    for step in range(steps):
        owner = user[step]
        if step == 0 or user[step - 1] != owner:
            for place in range(places - 1):
                at_ms[place] = ring_ms[owner, place]
                its_key[place] = ring_key[owner, place]
                its_weight[place] = ring_weight[owner, place]
                its_mark[place] = ring_mark[owner, place]
                row = -1
                if its_weight[place] > 0 and its_mark[place] & TEXT == 0:
                    reference = ring_ref[owner, place]
                    slot = reference & mask
                    while index_rows[slot] != -1:
                        if index_keys[slot] == reference:
                            row = index_rows[slot]
                            break
                        slot = (slot + np.uint64(1)) & mask
                its_item[place] = row
                active[place] = row >= 0 and its_mark[place] >> 1 < BEYOND
        rank = -1
        if is_undo[step]:
            for place in range(places - 1):
                if its_key[place] == key[step] and its_weight[place] > 0:
                    rank = place
                    break
            if rank < 0:
                continue
            filled = places - 1
            if not active[rank]:
                its_weight[rank] = -its_weight[rank]
                continue
        else:
            rank = 0
            later = 0
            number = np.int64(0)
            hour = time_ms[step] // HOUR_MS
            for place in range(places - 1):
                if its_weight[place] == 0:
                    continue
                if at_ms[place] > time_ms[step]:
                    later += 1
                    rank += 1
                elif at_ms[place] == time_ms[step] and its_key[place] > key[step]:
                    rank += 1
                if at_ms[place] // HOUR_MS == hour:
                    its_number = np.int64(its_mark[place] >> 1)
                    if its_number != LATE and its_number > number:
                        number = its_number
            number += 1
            if text[step]:
                marks[step] = TEXT
            elif later > depth:
                marks[step] = LATE << 1
            elif number > per_user_hour:
                marks[step] = BEYOND << 1
            else:
                marks[step] = np.uint8(number << 1)
            for place in range(places - 1, rank, -1):
                at_ms[place] = at_ms[place - 1]
                its_key[place] = its_key[place - 1]
                its_item[place] = its_item[place - 1]
                its_weight[place] = its_weight[place - 1]
                its_mark[place] = its_mark[place - 1]
                active[place] = active[place - 1]
            at_ms[rank] = time_ms[step]
            its_key[rank] = key[step]
            its_item[rank] = item[step]
            its_weight[rank] = weight[step]
            its_mark[rank] = marks[step]
            takes_part = marks[step] & TEXT == 0 and marks[step] >> 1 < BEYOND
            active[rank] = takes_part and weight[step] > 0 and item[step] >= 0
            filled = places
            if later > depth or not (text[step] or takes_part):
                continue

        # Pairs of places that are newer than `first` have not changed, nor those of older ones.
        first = max(0, rank - window)
        last = min(filled, rank + window + 2)
        for place in range(first, last):
            nearest[place] = -1
            nearest_without[place] = -1
            if active[place]:
                for before in range(place - 1, first - 1, -1):
                    if active[before] and its_item[before] == its_item[place]:
                        if nearest[place] < 0:
                            nearest[place] = before
                        if before != rank:
                            nearest_without[place] = before
                            break
        for place in range(first, rank + 1):
            if not active[place]:
                continue
            lightest = min(its_weight[place], np.float32(1.0))
            distance = 0
            distance_without = 0
            end = min(filled, place + window + 2)
            for partner in range(place + 1, end):
                with_it[partner] = 0.0
                without[partner] = 0.0
                if not active[partner]:
                    continue
                distance += 1
                if partner != rank:
                    distance_without += 1
                if its_item[partner] == its_item[place]:
                    continue
                lighter = min(lightest, its_weight[partner])
                if partner - place <= window and nearest[partner] <= place:
                    with_it[partner] = by_distance[distance] * lighter
                # An interaction that arrives moves those behind it by a place; an undo moves none.
                moved = 1 if partner > rank and not is_undo[step] else 0
                if (
                    rank not in (place, partner)
                    and partner - moved - place <= window
                    and nearest_without[partner] <= place
                ):
                    without[partner] = by_distance[distance_without] * lighter
            for partner in range(place + 1, end):
                change = with_it[partner] - without[partner]
                if change == 0:
                    continue
                if pairs == len(newer):
                    newer = np.concatenate((newer, newer))
                    older = np.concatenate((older, older))
                    strength = np.concatenate((strength, strength))
                    pair_ms = np.concatenate((pair_ms, pair_ms))
                newer[pairs] = its_item[place]
                older[pairs] = its_item[partner]
                strength[pairs] = -change if is_undo[step] else change
                pair_ms[pairs] = at_ms[place]
                pairs += 1
        if active[rank]:
            liked[likes] = its_item[rank]
            count[likes] = -1.0 if is_undo[step] else 1.0
            liked_ms[likes] = at_ms[rank]
            likes += 1
        if is_undo[step]:
            its_weight[rank] = -its_weight[rank]
            active[rank] = False
    return (
        marks,
        newer[:pairs].copy(),
        older[:pairs].copy(),
        strength[:pairs].copy(),
        pair_ms[:pairs].copy(),
        liked[:likes].copy(),
        count[:likes].copy(),
        liked_ms[:likes].copy(),
    )
