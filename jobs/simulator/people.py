"""The simulated people, and their true interests over time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jobs.simulator.topics import TOPICS

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_DRIFTING_SHARE = 0.35
"""Share of the people who replace a favourite by a new one."""
_NEW_SHARE = 0.15
"""Share of the people who join after the start."""
_LEAST_SHARE = 0.08
"""A favourite with a smaller share of a person's interest does not count."""
_NAMES = tuple(topic.name for topic in TOPICS)


@dataclass(frozen=True)
class Favourite:
    """An interest that begins at one time, and may fade from a later one on."""

    topic: str
    weight: float
    since_ms: int = 0
    fades_from_ms: int | None = None
    half_life_ms: int = _DAY_MS

    def weight_at(self, time_ms: int) -> float:
        """The weight at a time: 0 before `since_ms`, halved every `half_life_ms` when it fades.

        >>> fading = Favourite("chess", 2.0, since_ms=10, fades_from_ms=100, half_life_ms=50)
        >>> [fading.weight_at(time_ms) for time_ms in (0, 99, 150, 200)]
        [0.0, 2.0, 1.0, 0.5]
        """
        if time_ms < self.since_ms:
            return 0.0
        if self.fades_from_ms is None or time_ms <= self.fades_from_ms:
            return self.weight
        return float(self.weight * 2.0 ** ((self.fades_from_ms - time_ms) / self.half_life_ms))


@dataclass(frozen=True)
class Person:
    """A simulated user; `joined_ms` is the time before which there are no events."""

    user_id: str
    favourites: tuple[Favourite, ...]
    dislikes: tuple[str, ...] = ()
    joined_ms: int = 0

    def interests_at(self, time_ms: int) -> Mapping[str, float]:
        """The share of each current favourite; the shares add up to 1."""
        weights = {favourite.topic: favourite.weight_at(time_ms) for favourite in self.favourites}
        total = sum(weights.values())
        kept = {topic: weight for topic, weight in weights.items() if weight > _LEAST_SHARE * total}
        total = sum(kept.values())
        return {topic: weight / total for topic, weight in kept.items()}


def make_people(seed: int, count: int, start_ms: int, end_ms: int) -> dict[str, Person]:
    """`count` persons by user id, with interests between the two times in epoch milliseconds."""
    rng = np.random.default_rng([seed, 2])
    width = len(str(count))
    people = (
        _make_person(f"user-{number:0{width}d}", start_ms, end_ms, rng)
        for number in range(1, count + 1)
    )
    return {person.user_id: person for person in people}


def _make_person(user_id: str, start_ms: int, end_ms: int, rng: np.random.Generator) -> Person:
    topics = [_NAMES[n] for n in rng.permutation(len(_NAMES))[:6]]
    joined_ms = start_ms
    if rng.random() < _NEW_SHARE:
        joined_ms += int((end_ms - start_ms) * rng.uniform(0.3, 0.9))
    favourites = [
        Favourite(topics[n], float(rng.uniform(0.4, 1.2)), joined_ms)
        for n in range(int(rng.integers(1, 4)))
    ]
    if rng.random() < _DRIFTING_SHARE:
        drift_ms = joined_ms + int((end_ms - joined_ms) * rng.uniform(0.3, 0.95))
        half_life_ms = int(rng.uniform(6 * _HOUR_MS, 2 * _DAY_MS))
        old = favourites[0]
        favourites[0] = Favourite(old.topic, old.weight, old.since_ms, drift_ms, half_life_ms)
        favourites.append(Favourite(topics[3], float(rng.uniform(1.0, 1.6)), drift_ms))
    dislikes = tuple(topics[4 : 4 + int(rng.integers(0, 3))])
    return Person(user_id, tuple(favourites), dislikes, joined_ms)
