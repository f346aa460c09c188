"""How well, and how soon, recommendations follow what users really want."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TopicOf = Callable[[str], str]


def share_on_topic(
    item_ids: Sequence[str], topic_of: TopicOf, wanted: Collection[str], top: int = 10
) -> float:
    """Share of the first `top` recommendations whose topic is wanted; missing ones count as
    misses.

    >>> share_on_topic(["a", "b"], {"a": "chess", "b": "bees"}.__getitem__, {"chess"}, top=2)
    0.5
    """
    if top < 1:
        raise ValueError("top is at least 1")
    return sum(topic_of(item_id) in wanted for item_id in item_ids[:top]) / top


def share_by_chance(topic_of: Mapping[str, str], wanted: Collection[str]) -> float:
    """What `share_on_topic` is on average for items drawn blindly from the catalogue."""
    if not topic_of:
        return 0.0
    return sum(topic in wanted for topic in topic_of.values()) / len(topic_of)


def mean_share_on_topic(
    recommended: Mapping[str, Sequence[str]],
    topic_of: TopicOf,
    wanted: Callable[[str], Collection[str]],
    top: int = 10,
) -> float:
    """`share_on_topic` averaged over users; `wanted` gives a user's true topics."""
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
    """The `top` items most similar to an interest of shape `(dim,)`, best first.

    `vectors` is `(items, dim)` with rows of L2 norm 1, in the order of `item_ids`.
    """
    order = np.argsort(-(vectors @ interest), kind="stable")
    found = (item_ids[n] for n in order.tolist() if item_ids[n] not in without)
    return [item_id for item_id, _ in zip(found, range(top), strict=False)]


@dataclass(frozen=True)
class Observation:
    """What was recommended at one moment."""

    time_s: float
    followed_events: int
    """Events of the user that had been committed."""
    item_ids: tuple[str, ...]


@dataclass(frozen=True)
class Followed:
    """How long it took until recommendations had turned to a new interest."""

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
    top: int = 10,
) -> Followed | None:
    """The first moment since the drift from which at least `share` of the recommendations are
    about the new topic, up to the last observation; None if it is not so at the end.

    `drift_s` is when the user's first event about the new topic was sent, `events_before` how
    many of the user's events came before that one.
    """
    reached: Followed | None = None
    for seen in sorted(observations, key=lambda observation: observation.time_s):
        if seen.time_s < drift_s:
            continue
        if share_on_topic(seen.item_ids, topic_of, {new_topic}, top) < share:
            reached = None
        elif reached is None:
            reached = Followed(seen.time_s - drift_s, seen.followed_events - events_before)
    return reached
