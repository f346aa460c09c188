"""Measures how well, and how soon, recommendations follow the true interests of users."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TopicOf = Callable[[str], str]
"""Topic of an item by its id."""


def share_on_topic(
    item_ids: Sequence[str], topic_of: TopicOf, wanted: Collection[str], top: int = 10
) -> float:
    """Share of the first `top` recommendations whose topic is in `wanted`.

    Recommendations that are missing count as misses. Raises ValueError when `top` is below 1.

    >>> share_on_topic(["a", "b"], {"a": "chess", "b": "bees"}.__getitem__, {"chess"}, top=2)
    0.5
    """
    if top < 1:
        raise ValueError("top is at least 1")
    return sum(topic_of(item_id) in wanted for item_id in item_ids[:top]) / top


def share_by_chance(topic_of: Mapping[str, str], wanted: Collection[str]) -> float:
    """The average `share_on_topic` of items that are drawn at random from the catalogue."""
    if not topic_of:
        return 0.0
    return sum(topic in wanted for topic in topic_of.values()) / len(topic_of)


def mean_share_on_topic(
    recommended: Mapping[str, Sequence[str]],
    topic_of: TopicOf,
    wanted: Callable[[str], Collection[str]],
    top: int = 10,
) -> float:
    """The mean of `share_on_topic` over users; `wanted` gives the true topics of a user."""
    if not recommended:
        return 0.0
    shares = (
        share_on_topic(item_ids, topic_of, wanted(user_id), top)
        for user_id, item_ids in recommended.items()
    )
    return sum(shares) / len(recommended)


def nearest_items(
    interest: NDArray[np.float32],
    vectors: NDArray[np.float32],
    item_ids: Sequence[str],
    top: int = 10,
    without: Collection[str] = (),
) -> list[str]:
    """The `top` items that are most similar to an interest `(dim,)`, best first.

    `vectors` is `(items, dim)` with rows of L2 norm 1, in the order of `item_ids`; the items in
    `without` are left out.
    """
    order = np.argsort(-(vectors @ interest), kind="stable")
    found = (item_ids[n] for n in order.tolist() if item_ids[n] not in without)
    return [item_id for item_id, _ in zip(found, range(top), strict=False)]


@dataclass(frozen=True)
class Observation:
    """The recommendations of the followed user at one moment."""

    time_s: float
    followed_events: int
    """Number of the user's events that had been fed."""
    item_ids: tuple[str, ...]


@dataclass(frozen=True)
class Followed:
    """The time and the number of the user's events until recommendations followed an interest."""

    seconds: float
    events: int


def time_to_follow(
    observations: Iterable[Observation],
    topic_of: TopicOf,
    new_topic: str,
    *,
    drift_s: float,
    events_before: int,
    share: float = 0.5,
    keep: float = 0.3,
    top: int = 10,
) -> Followed | None:
    """When the recommendations followed the new topic for good; None if they do not at the end.

    At that moment at least `share` of the first `top` recommendations are about it, and later
    never fewer than `keep`: one item more or less, in a list of ten, is not a turn.
    `drift_s` is the time of the user's first event about the new topic, `events_before` the
    number of the user's events before that one.
    """
    reached: Followed | None = None
    for seen in sorted(observations, key=lambda observation: observation.time_s):
        if seen.time_s < drift_s:
            continue
        on_topic = share_on_topic(seen.item_ids, topic_of, {new_topic}, top)
        if on_topic < keep:
            reached = None
        elif reached is None and on_topic >= share:
            reached = Followed(seen.time_s - drift_s, seen.followed_events - events_before)
    return reached
