"""The interactions that trends count, from the accepted events."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.verify.recompute.weighing import Weighed

MAX_WEIGHT = 1e6
"""A larger weight is cut to this."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """An accepted event that names an item and has a positive weight."""

    item_id: str
    time_ms: int
    """Epoch milliseconds."""
    weight: float
    slack: float
    """How far off the weight may be; above 0 only where the sentiment of a comment scales it."""


@dataclass(frozen=True)
class Trends:
    """Each interaction once; what a window of event time holds is a function of them."""

    interactions: tuple[Interaction, ...] = ()
    undecided: frozenset[str] = frozenset()
    """Items whose counts the input does not decide, since a command took events away, or since a
    comment is at the edge of being neutral."""
    total_decided: bool = False
    """Whether the input says how many interactions were counted in all."""


def trends(events: Iterable[Weighed], undecided: Iterable[str], *, commanded: bool) -> Trends:
    """The interactions among weighed events.

    `undecided` are items whose counts commands make undecided; with `commanded` the number of all
    interactions is not decided either.
    """
    found, unsure = [], set(undecided)
    for one in events:
        event = one.accepted.event
        if event.item_id is None:
            continue
        if one.on_edge:
            unsure.add(event.item_id)
        if one.weight > 0:
            weight = round(min(one.weight, MAX_WEIGHT), 3)
            found.append(Interaction(event.item_id, event.time_ms, weight, one.slack))
    decided = not commanded and not any(one.on_edge for one in events)
    return Trends(tuple(found), frozenset(unsure), decided)
