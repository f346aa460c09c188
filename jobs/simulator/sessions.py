"""The events of a person in one session."""

from collections.abc import Iterator, Mapping

import numpy as np

from jobs.datasets.dataset import Record
from jobs.simulator.catalogue import Catalogue
from jobs.simulator.comments import (
    NEGATIVE,
    NEGATIVE_ON_TOPIC,
    NEUTRAL,
    NEUTRAL_ON_TOPIC,
    POSITIVE,
    POSITIVE_ON_TOPIC,
)
from jobs.simulator.people import Person
from jobs.simulator.topics import TOPICS
from jobs.simulator.undoing import UNDO

_QUERIES = {topic.name: topic.queries for topic in TOPICS}
_ALL_TOPICS = tuple(_QUERIES)
_SUBJECTS = {topic.name: topic.subjects for topic in TOPICS}
_SOURCES = ("recent", "interest", "neighbor", "popular_week")
_DEVICES = ("phone", "laptop", "tablet")

_SEARCH_SHARE = 0.3
"""Share of the sessions that begin with a search."""
_OTHER_INTEREST_SHARE = 0.12
"""Share of the steps about another interest of the person."""
_STRAY_SHARE = 0.03
"""Share of the steps that view an item of any topic."""
_DISLIKE_SHARE = 0.08
"""Share of the steps that reject an item of a disliked topic."""
_TOPIC_COMMENT_SHARE = 0.02
"""Share of the steps that comment on a topic, without an item."""
_REGRET_SHARE = 0.15
"""Share of the actions that can be undone and are undone in the same session."""


class Behaviour:
    """Draws the sessions of people, gives ids to events and sessions, and keeps the seen items."""

    def __init__(self, catalogue: Catalogue, rng: np.random.Generator) -> None:
        self._catalogue = catalogue
        self._rng = rng
        self._events = 0
        self._sessions = 0
        self._recommendations = 0
        self._seen: dict[str, set[str]] = {}
        # A few items are seen often, most of them rarely.
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
        """`length` events from `start_ms` on (epoch milliseconds), with pauses of `gap_s` seconds.

        Without a `topic` the session is about one of the person's interests at that time.
        `search` decides whether it begins with a search; None draws it. Only with `stray` there
        are views of items of any topic, comments without an item, and undone actions.
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
                event["context"] = {**event.get("context", {}), "device": device}
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
        """An endless sequence of actions, without ids and times."""
        if search:
            yield {"action": "search", "text": self._pick(_QUERIES[main])}
        while True:
            chance = self._rng.random()
            if person.dislikes and chance < _DISLIKE_SHARE:
                yield from self._regretted(self._reject(person), stray=stray)
            elif stray and 0 <= chance - _DISLIKE_SHARE < _STRAY_SHARE:
                glanced_at = self._item(person, self._pick(_ALL_TOPICS))
                yield {"action": "view", "item_id": glanced_at}
            elif stray and 0 <= chance - _DISLIKE_SHARE - _STRAY_SHARE < _TOPIC_COMMENT_SHARE:
                yield self._topic_comment(person, main)
            elif interests and chance > 1 - _OTHER_INTEREST_SHARE:
                enjoyed = self._enjoy(person, self._weighted(interests))
                yield from self._regretted(enjoyed, stray=stray)
            else:
                yield from self._regretted(self._enjoy(person, main), stray=stray)

    def _recommendation(self) -> Record:
        """What an impression says of the recommendation that it belongs to."""
        self._recommendations += 1
        number = self._recommendations
        return {
            "recommendation_id": f"r-{number:06d}",
            "position": number % 10 + 1,
            "source": _SOURCES[number % len(_SOURCES)],
            "variant": "ab"[number % 2],
        }

    def _enjoy(self, person: Person, topic: str) -> Iterator[Record]:
        item = self._item(person, topic)
        clicked: Record = {}
        if self._rng.random() < 0.2:
            shown = self._recommendation()
            yield {"action": "impression", "item_id": item, "context": shown}
            # A third finds the item by another way than the recommendation.
            if self._recommendations % 3:
                clicked = {"context": {"recommendation_id": shown["recommendation_id"]}}
        action = "view" if self._rng.random() < 0.7 else "click"
        yield {"action": action, "item_id": item, **clicked}
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
            options = POSITIVE if self._rng.random() < 0.8 else NEUTRAL
            yield {"action": "comment", "item_id": item, "text": self._pick(options)}
        elif chance < 0.32:
            review: Record = {"action": "review", "item_id": item, "text": self._pick(POSITIVE)}
            if self._rng.random() < 0.5:
                review["value"] = float(self._rng.integers(6, 11)) / 2
            yield review
        elif chance < 0.35:
            yield {"action": "share", "item_id": item}

    def _regretted(self, steps: Iterator[Record], *, stray: bool) -> Iterator[Record]:
        """The same steps, and at their end the undoing of some of them."""
        done = []
        for step in steps:
            yield step
            done.append(step)
        for step in done:
            undo = UNDO.get(step["action"])
            if stray and undo is not None and self._rng.random() < _REGRET_SHARE:
                yield {"action": undo, "item_id": step["item_id"]}

    def _topic_comment(self, person: Person, main: str) -> Record:
        chance = self._rng.random()
        topic, options = main, POSITIVE_ON_TOPIC if chance < 0.5 else NEUTRAL_ON_TOPIC
        if person.dislikes and chance > 0.7:
            topic, options = self._pick(person.dislikes), NEGATIVE_ON_TOPIC
        text = self._pick(options).format(s=self._pick(_SUBJECTS[topic]))
        return {"action": "comment", "text": text}

    def _reject(self, person: Person) -> Iterator[Record]:
        item = self._item(person, self._pick(person.dislikes))
        chance = self._rng.random()
        if chance < 0.6:
            yield {"action": "skip", "item_id": item}
        elif chance < 0.8:
            yield {"action": "dislike", "item_id": item}
        elif chance < 0.88:
            yield {"action": "comment", "item_id": item, "text": self._pick(NEGATIVE)}
        elif chance < 0.92:
            yield {"action": "review", "item_id": item, "text": self._pick(NEGATIVE)}
        else:
            stars = float(self._rng.integers(1, 4)) / 2
            yield {"action": "rating", "item_id": item, "value": stars}

    def _item(self, person: Person, topic: str) -> str:
        """An item of the topic; one that is new to the person if a few tries find one."""
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
