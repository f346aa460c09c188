"""What a person does in one sitting."""

from collections.abc import Iterator, Mapping

import numpy as np

from jobs.datasets.dataset import Record
from jobs.simulator.catalogue import Catalogue
from jobs.simulator.people import Person
from jobs.simulator.remarks import (
    DISLIKED_ALOUD,
    DISLIKING,
    LIKED_ALOUD,
    LIKING,
    NEUTRAL,
    SAID_ALOUD,
)
from jobs.simulator.topics import TOPICS
from jobs.simulator.undoing import UNDO

_QUERIES = {topic.name: topic.queries for topic in TOPICS}
_ALL_TOPICS = tuple(_QUERIES)
_SUBJECTS = {topic.name: topic.subjects for topic in TOPICS}
_DEVICES = ("phone", "laptop", "tablet")

_SEARCH_SHARE = 0.3
"""Sittings that begin with a search in words."""
_OTHER_INTEREST_SHARE = 0.12
_STRAY_SHARE = 0.03
"""Glances at something outside every interest."""
_DISLIKE_SHARE = 0.08
_ALOUD_SHARE = 0.02
"""Things said about no item at all."""
_REGRET_SHARE = 0.15
"""What can be undone and is, in the same sitting."""


class Behaviour:
    """Draws the sittings of people; numbers events and sittings, and knows who saw what."""

    def __init__(self, catalogue: Catalogue, rng: np.random.Generator) -> None:
        self._catalogue = catalogue
        self._rng = rng
        self._events = 0
        self._sessions = 0
        self._seen: dict[str, set[str]] = {}
        # Few items are met often, most are met now and then.
        self._popularity = {
            topic: np.cumsum(1.0 / (np.arange(len(ids)) + 4.0) ** 0.8)
            for topic, ids in catalogue.by_topic.items()
        }

    def session(
        self,
        person: Person,
        start_ms: int,
        length: int,
        topic: str | None = None,
        *,
        search: bool | None = None,
        stray: bool = True,
        gap_s: tuple[float, float] = (4.0, 75.0),
    ) -> Iterator[Record]:
        """`length` events from `start_ms` on, with pauses of `gap_s` seconds.

        Without a `topic` the sitting is about one of the person's interests at that time;
        with `stray` there are glances at anything, words about no item, and regrets.
        """
        self._sessions += 1
        session_id = f"s-{self._sessions:06d}"
        device = self._pick(_DEVICES)
        interests = person.interests_at(start_ms)
        main = topic or self._weighted(interests)
        if search is None:
            search = self._rng.random() < _SEARCH_SHARE
        steps = self._steps(person, main, interests, search=search, stray=stray)
        time_ms = start_ms
        for _, step in zip(range(length), steps, strict=False):
            self._events += 1
            event: Record = {
                "event_id": f"e-{self._events:07d}",
                "user_id": person.user_id,
                **step,
                "event_time": time_ms,
                "session_id": session_id,
            }
            if self._rng.random() < 0.25:
                event["context"] = {"device": device}
            yield event
            time_ms += int(self._rng.uniform(*gap_s) * 1000)

    def _steps(
        self,
        person: Person,
        main: str,
        interests: Mapping[str, float],
        *,
        search: bool,
        stray: bool,
    ) -> Iterator[Record]:
        """Endless actions, without time and identity."""
        if search:
            yield {"action": "search", "text": self._pick(_QUERIES[main])}
        while True:
            chance = self._rng.random()
            if person.dislikes and chance < _DISLIKE_SHARE:
                yield from self._regretted(self._reject(person), stray=stray)
            elif stray and 0 <= chance - _DISLIKE_SHARE < _STRAY_SHARE:
                glanced_at = self._item(person, self._pick(_ALL_TOPICS))
                yield {"action": "view", "item_id": glanced_at}
            elif stray and 0 <= chance - _DISLIKE_SHARE - _STRAY_SHARE < _ALOUD_SHARE:
                yield self._say_aloud(person, main)
            elif interests and chance > 1 - _OTHER_INTEREST_SHARE:
                enjoyed = self._enjoy(person, self._weighted(interests))
                yield from self._regretted(enjoyed, stray=stray)
            else:
                yield from self._regretted(self._enjoy(person, main), stray=stray)

    def _enjoy(self, person: Person, topic: str) -> Iterator[Record]:
        item = self._item(person, topic)
        if self._rng.random() < 0.2:
            yield {"action": "impression", "item_id": item}
        yield {"action": "view" if self._rng.random() < 0.7 else "click", "item_id": item}
        if self._rng.random() < 0.4:
            dwell_s = round(float(min(self._rng.gamma(2.0, 35.0) + 5, 600)), 1)
            yield {"action": "dwell", "item_id": item, "value": dwell_s}
        chance = self._rng.random()
        if chance < 0.12:
            yield {"action": "like", "item_id": item}
        elif chance < 0.22:
            stars = float(self._rng.integers(7, 11)) / 2
            yield {"action": "rating", "item_id": item, "value": stars}
        elif chance < 0.27:
            yield {"action": "cart", "item_id": item}
            if self._rng.random() < 0.6:
                yield {"action": "purchase", "item_id": item}
        elif chance < 0.30:
            said = LIKING if self._rng.random() < 0.8 else NEUTRAL
            yield {"action": "comment", "item_id": item, "text": self._pick(said)}
        elif chance < 0.32:
            review: Record = {"action": "review", "item_id": item, "text": self._pick(LIKING)}
            if self._rng.random() < 0.5:
                review["value"] = float(self._rng.integers(6, 11)) / 2
            yield review
        elif chance < 0.35:
            yield {"action": "share", "item_id": item}

    def _regretted(self, steps: Iterator[Record], *, stray: bool) -> Iterator[Record]:
        """The same steps, some of which are taken back at the end."""
        done = []
        for step in steps:
            yield step
            done.append(step)
        for step in done:
            undo = UNDO.get(step["action"])
            if stray and undo is not None and self._rng.random() < _REGRET_SHARE:
                yield {"action": undo, "item_id": step["item_id"]}

    def _say_aloud(self, person: Person, main: str) -> Record:
        chance = self._rng.random()
        topic, options = main, LIKED_ALOUD if chance < 0.5 else SAID_ALOUD
        if person.dislikes and chance > 0.7:
            topic, options = self._pick(person.dislikes), DISLIKED_ALOUD
        said = self._pick(options).format(s=self._pick(_SUBJECTS[topic]))
        return {"action": "comment", "text": said}

    def _reject(self, person: Person) -> Iterator[Record]:
        item = self._item(person, self._pick(person.dislikes))
        chance = self._rng.random()
        if chance < 0.6:
            yield {"action": "skip", "item_id": item}
        elif chance < 0.8:
            yield {"action": "dislike", "item_id": item}
        elif chance < 0.88:
            yield {"action": "comment", "item_id": item, "text": self._pick(DISLIKING)}
        elif chance < 0.92:
            yield {"action": "review", "item_id": item, "text": self._pick(DISLIKING)}
        else:
            stars = float(self._rng.integers(1, 4)) / 2
            yield {"action": "rating", "item_id": item, "value": stars}

    def _item(self, person: Person, topic: str) -> str:
        """An item of the topic, one that the person has not met if a few tries find one."""
        ids, popularity = self._catalogue.by_topic[topic], self._popularity[topic]
        seen = self._seen.setdefault(person.user_id, set())
        item = ""
        for _ in range(4):
            drawn = self._rng.random() * popularity[-1]
            item = ids[int(np.searchsorted(popularity, drawn, side="right"))]
            if item not in seen:
                break
        seen.add(item)
        return item

    def _pick(self, options: tuple[str, ...]) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _weighted(self, shares: Mapping[str, float]) -> str:
        left = self._rng.random() * sum(shares.values())
        for topic, share in shares.items():
            left -= share
            if left <= 0:
                return topic
        return next(reversed(shares.keys()))  # type: ignore[call-overload, no-any-return]
