"""What each user was shown, and how often what was recommended was clicked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.verify.recompute.recommendation import Cell
from bench.verify.recompute.weighing import Weighed

IMPRESSION = "impression"
"""The action that says that an item was shown."""
TIMES = 16
"""Impressions of an item that are kept, the newest."""
WINDOW_MS = 86_400_000
"""Longest time between an impression and a click on it."""
REMEMBERED = 200
"""Shown items of recommendations that are remembered of a user."""


@dataclass(frozen=True)
class Feedback:
    """Rows about what was shown."""

    shown: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """By (user_id, item_id) the newest times in epoch milliseconds, newest first."""
    counts: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    """(impressions, clicks)"""
    decided: bool = True
    """Whether the input decides the counts."""


def feedback(events: Iterable[Weighed], *, decided: bool = True) -> Feedback:
    """The rows for all accepted events, each user's by (time, key) ascending.

    The counts are not decided with `decided` False, where one item of a recommendation was shown in
    two ways or clicked both within the window and beyond it, and where a user saw more in between
    than is remembered.
    """
    times: dict[tuple[str, str], set[int]] = defaultdict(set)
    impressions: dict[tuple[str, str, str], list[tuple[int, Cell]]] = defaultdict(list)
    clicks: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for one in events:
        event = one.accepted.event
        if event.item_id is None:
            continue
        if event.action == IMPRESSION:
            times[event.user_id, event.item_id].add(event.time_ms)
        named = event.recommendation
        if named is None:
            continue
        key = (event.user_id, named.recommendation_id, event.item_id)
        if event.action == IMPRESSION:
            impressions[key].append((event.time_ms, named.cell))
        elif one.weight > 0:
            clicks[key].append(event.time_ms)
    shown = {pair: sorted(found, reverse=True)[:TIMES] for pair, found in times.items()}
    counted: Counter[Cell] = Counter()
    clicked: Counter[Cell] = Counter()
    instants = _instants([*impressions, *clicks], impressions, clicks)
    for key, found in impressions.items():
        (at_ms, cell), *others = found
        near = [abs(click_ms - at_ms) <= WINDOW_MS for click_ms in clicks[key]]
        decided = decided and not others and len(set(near)) < 2
        between = instants[key[0]]
        for click_ms in clicks[key]:
            ends = np.searchsorted(between, sorted((at_ms, click_ms)))
            decided = decided and int(ends[1] - ends[0]) < REMEMBERED
        counted[cell] += 1
        clicked[cell] += any(near)
    counts = {cell: (number, clicked[cell]) for cell, number in counted.items()}
    return Feedback(shown, counts, decided)


def _instants(
    keys: Sequence[tuple[str, str, str]],
    impressions: dict[tuple[str, str, str], list[tuple[int, Cell]]],
    clicks: dict[tuple[str, str, str], list[int]],
) -> dict[str, np.ndarray[Any, Any]]:
    """The times of all that each user was shown or clicked, ascending."""
    found: dict[str, list[int]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        found[key[0]] += [at_ms for at_ms, _ in impressions.get(key, [])] + clicks.get(key, [])
    return {user: np.sort(np.array(times)) for user, times in found.items()}
