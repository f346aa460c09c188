"""A simulation on a timeline, for the demo: when to feed which lines, and what to watch."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from jobs.datasets.dataset import Line, Record
from jobs.simulator.simulation import FOLLOWED, NEW_TOPIC, Settings, Simulation, simulate
from jobs.simulator.titles import word_item
from jobs.simulator.topics import TOPICS

_NEWCOMER_AT, _FORGET_AT, _WITHDRAW_AT = 0.82, 0.88, 0.92
"""Times of the new item, of a user's command and of a withdrawn item, as shares of the lines."""


@dataclass(frozen=True)
class Chunk:
    """Lines that are fed together."""

    at_s: float
    """Seconds after the start of the story."""
    items: tuple[Line, ...] = ()
    events: tuple[Line, ...] = ()
    control: tuple[Line, ...] = ()
    followed: tuple[Record, ...] = ()
    """The events of the followed user, which are also in `events`."""


@dataclass(frozen=True)
class Story:
    """The catalogue at the start, chunks on a timeline, and the moments to watch.

    Times are in seconds after the start of the story.
    """

    simulation: Simulation
    first_items: tuple[Record, ...]
    """The catalogue before the first event."""
    chunks: tuple[Chunk, ...]
    drift_at_s: float
    """Time of the followed user's first event about the new topic."""
    newcomer: Record
    """An item of the new topic that appears late in the story."""
    newcomer_at_s: float
    forgotten_user: str | None
    """A user who asks to be forgotten and has no line afterwards."""
    forgotten_at_s: float
    withdrawn_item: str
    """An item of the new topic that becomes unavailable; it is new to the followed user."""
    withdrawn_at_s: float
    topic_of: Mapping[str, str] = field(repr=False)
    """The true topic of every item, with the newcomer."""
    followed: str = FOLLOWED

    def true_topics(self, user_id: str, time_ms: int) -> Mapping[str, float]:
        """The true interests of a user at a time: shares by topic, which add up to 1."""
        return self.simulation.true_topics(user_id, time_ms)

    def followed_events(self, item_ids: Iterable[str], now_ms: int) -> list[Record]:
        """Events in which the followed user opens these items, the last one at `now_ms`."""
        items = list(item_ids)
        events: list[Record] = []
        for number, item_id in enumerate(items):
            time_ms = now_ms - (len(items) - 1 - number) * 1_000
            event = {"user_id": self.followed, "item_id": item_id, "session_id": "s-live"}
            opened = f"{self.followed}-{now_ms}-{number}"
            events.append(
                {"event_id": f"{opened}-v", **event, "action": "view", "event_time": time_ms - 1}
            )
            events.append(
                {
                    "event_id": f"{opened}-d",
                    **event,
                    "action": "dwell",
                    "value": 90.0,
                    "event_time": time_ms,
                }
            )
        return events

    def withdrawal(self, item_id: str) -> Record:
        """The record that makes an item unavailable."""
        return {**self._record(item_id), "available": False}

    def _record(self, item_id: str) -> Record:
        if item_id == self.newcomer["item_id"]:
            return self.newcomer
        return self.simulation.catalogue.items[item_id]


def make_story(
    settings: Settings | None = None, *, length_s: float = 33.0, chunk_s: float = 0.25
) -> Story:
    """Spread a simulation over `length_s` seconds, in chunks of `chunk_s` seconds.

    Events arrive at an uneven rate (0.6 to 1.4 of the average). The last hour and the month
    before it each take a time in proportion to their number of lines.
    """
    simulation = simulate(settings or Settings())
    lines = simulation.lines
    ends = _chunk_ends(len(lines), round(length_s / chunk_s))
    newcomer, withdrawn = _newcomer(simulation), _withdrawn(simulation)
    forget_line = int(len(lines) * _FORGET_AT)
    forgotten = _forgotten(simulation, forget_line)
    topic_of = {**simulation.catalogue.topic_of, newcomer["item_id"]: NEW_TOPIC}
    due: dict[int, list[Record]] = {}
    for item_id, index in simulation.late_items.items():
        due.setdefault(index, []).append(simulation.catalogue.items[item_id])
    due.setdefault(int(len(lines) * _NEWCOMER_AT), []).append(newcomer)
    withdrawal = {**simulation.catalogue.items[withdrawn], "available": False}
    due.setdefault(int(len(lines) * _WITHDRAW_AT), []).append(withdrawal)

    chunks: list[Chunk] = []
    begin = 0
    for number, end in enumerate(ends):
        events = lines[begin:end]
        chunk = Chunk(
            at_s=number * chunk_s,
            items=tuple(record for n in range(begin, end) for record in due.get(n, ())),
            events=events,
            followed=tuple(
                line for line in events if isinstance(line, dict) and line["user_id"] == FOLLOWED
            ),
        )
        if forgotten is not None and begin <= forget_line < end:
            command = {"user_id": forgotten, "command": "forget"}
            chunk = replace(chunk, control=(command,))
        chunks.append(chunk)
        begin = end

    def time_of(record: Line) -> float:
        return next(c.at_s for c in chunks if record in c.items or record in c.control)

    drift_at_s = next(
        chunk.at_s
        for chunk in chunks
        if any(event["event_time"] >= simulation.drift_ms for event in chunk.followed)
    )
    return Story(
        simulation=simulation,
        first_items=tuple(simulation.items(late=False)),
        chunks=tuple(chunks),
        drift_at_s=drift_at_s,
        newcomer=newcomer,
        newcomer_at_s=time_of(newcomer),
        forgotten_user=forgotten,
        forgotten_at_s=chunks[int(np.searchsorted(ends, forget_line, side="right"))].at_s,
        withdrawn_item=withdrawn,
        withdrawn_at_s=time_of(withdrawal),
        topic_of=topic_of,
    )


def _chunk_ends(lines: int, chunks: int) -> list[int]:
    """The index of the line after each chunk: the rate of the lines is a constant and two waves."""
    turn = np.linspace(0.0, 4.0 * np.pi, chunks, endpoint=False)
    share = np.cumsum(1.0 + 0.4 * np.sin(turn))
    return [int(end) for end in np.rint(share / share[-1] * lines)]


def _newcomer(simulation: Simulation) -> Record:
    """An item of the new topic with a title that the catalogue does not have."""
    topic = next(topic for topic in TOPICS if topic.name == NEW_TOPIC)
    titles = {record["title"] for record in simulation.catalogue.items.values()}
    rng = np.random.default_rng([simulation.settings.seed, 4])
    while (wording := word_item(topic, "course", rng)).title in titles:
        pass
    return {
        "item_id": f"course-{len(simulation.catalogue.items) + 1:05d}",
        "title": wording.title,
        "text": wording.text,
        "categories": [topic.group, "course"],
        "language": "en",
        "published_at": simulation.settings.end_ms,
        "attributes": {"author": wording.author, "level": "beginner"},
    }


def _withdrawn(simulation: Simulation) -> str:
    """The most popular item of the new topic that the followed user does not see."""
    seen = {
        line.get("item_id")
        for line in simulation.lines
        if isinstance(line, dict) and line["user_id"] == FOLLOWED
    }
    popular = simulation.catalogue.by_topic[NEW_TOPIC]
    return next(
        item_id
        for item_id in popular
        if item_id not in seen and item_id not in simulation.late_items
    )


def _forgotten(simulation: Simulation, line: int) -> str | None:
    """The user with the most events before a line and none after it, not even a broken one."""
    before = Counter(
        found["user_id"] for found in simulation.lines[:line] if isinstance(found, dict)
    )
    rest = simulation.lines[line:]
    after = {found["user_id"] for found in rest if isinstance(found, dict)} | {FOLLOWED}
    broken = b" ".join(found for found in rest if isinstance(found, bytes))
    quiet = {
        user: count
        for user, count in before.items()
        if user not in after and user.encode() not in broken
    }
    return max(quiet, key=lambda user: (quiet[user], user), default=None)
