"""Simulates a month of events of a population, with the truth about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from jobs.datasets.dataset import Line, Record
from jobs.simulator.catalogue import Catalogue, build_catalogue
from jobs.simulator.disorder import Disorder, Truth, disorder
from jobs.simulator.people import Favourite, Person, make_people
from jobs.simulator.sessions import Behaviour

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS

FOLLOWED = "ada"
"""The user whose interest changes in the last hour."""
OLD_TOPICS = ("sourdough baking", "gardening on balconies")
NEW_TOPIC = "astronomy for beginners"
DISLIKED_TOPIC = "home electrics"
_HISTORY_DAYS = (27, 24, 20, 15, 11, 8, 5, 3, 2, 1)
"""Days before the end on which the followed user has a session."""


@dataclass(frozen=True)
class Settings:
    """Size and shape of a simulation; the same settings give the same lines."""

    seed: int = 7
    users: int = 2_000
    events: int = 36_000
    """Number of distinct good events, with those of the followed user."""
    items: int = 3_000
    days: int = 30
    end_ms: int = 1_735_689_600_000
    """End of the simulated time in epoch milliseconds (2025-01-01); the demo sets it to now."""
    last_hour_share: float = 0.4
    """Share of the sessions that are in the last hour."""
    late_items: float = 0.015
    """Share of the catalogue that appears after the start."""
    followed_events: int = 16
    """Number of events of the followed user about the new topic."""
    disorder: Disorder = field(default_factory=Disorder)


@dataclass(frozen=True)
class Simulation:
    """Lines in the order of arrival, with everything that is true about them."""

    settings: Settings
    catalogue: Catalogue
    people: Mapping[str, Person]
    lines: tuple[Line, ...]
    """Event lines; a line that is not a record is raw bytes."""
    late_items: Mapping[str, int]
    """For each item that appears after the start, the index of the line before which it does."""
    drift_ms: int
    """Time at which the followed user turns to the new topic, in epoch milliseconds."""
    truth: Truth

    @property
    def start_ms(self) -> int:
        """Start of the simulated time in epoch milliseconds."""
        return self.settings.end_ms - self.settings.days * _DAY_MS

    def true_topics(self, user_id: str, time_ms: int) -> Mapping[str, float]:
        """The true interests of a user at a time: shares by topic, which add up to 1."""
        return self.people[user_id].interests_at(time_ms)

    def topic_of(self, item_id: str) -> str:
        """The true topic of an item."""
        return self.catalogue.topic_of[item_id]

    def items(self, *, late: bool | None = None) -> Iterator[Record]:
        """Item records: all of them, or only those that are late (True) or not (False)."""
        for item_id, record in self.catalogue.items.items():
            if late is None or late == (item_id in self.late_items):
                yield record


def simulate(settings: Settings) -> Simulation:
    """Draw a catalogue, people and their events, and disorder the events."""
    end_ms = settings.end_ms
    start_ms = end_ms - settings.days * _DAY_MS
    drift_ms = end_ms - 46 * _MINUTE_MS
    catalogue = build_catalogue(settings.seed, settings.items, end_ms)
    rng = np.random.default_rng([settings.seed, 3])
    behaviour = Behaviour(catalogue, rng)
    followed = _followed(drift_ms)
    people = make_people(settings.seed, settings.users, start_ms, end_ms)

    events = _followed_events(behaviour, followed, settings, drift_ms)
    for person, length in _sessions(people, settings.events - len(events), rng):
        first_ms, last_ms = person.joined_ms, end_ms - length * 75_000
        if rng.random() < settings.last_hour_share:
            begin_ms = int(rng.integers(end_ms - _HOUR_MS, last_ms))
        else:
            begin_ms = _evening(int(rng.integers(first_ms, end_ms - _HOUR_MS)), rng)
            begin_ms = min(max(begin_ms, first_ms), last_ms)
        events.extend(behaviour.session(person, begin_ms, length))
    events.sort(key=lambda event: event["event_time"])

    lines, truth = disorder(events, settings.disorder, rng, spared={FOLLOWED})
    late_items = _late_items(catalogue, lines, settings, followed, rng)
    early = sum(
        index < late_items.get(str(line.get("item_id")), 0) for index, line in _first_times(lines)
    )
    return Simulation(
        settings=settings,
        catalogue=catalogue,
        people={**people, followed.user_id: followed},
        lines=tuple(lines),
        late_items=late_items,
        drift_ms=drift_ms,
        truth=replace(truth, early=early),
    )


def _followed(drift_ms: int) -> Person:
    half_life_ms = 5 * _MINUTE_MS
    old = (
        Favourite(OLD_TOPICS[0], 1.0, fades_from_ms=drift_ms, half_life_ms=half_life_ms),
        Favourite(OLD_TOPICS[1], 0.7, fades_from_ms=drift_ms, half_life_ms=half_life_ms),
    )
    new = Favourite(NEW_TOPIC, 2.0, since_ms=drift_ms)
    return Person(FOLLOWED, (*old, new), dislikes=(DISLIKED_TOPIC,))


def _followed_events(
    behaviour: Behaviour, person: Person, settings: Settings, drift_ms: int
) -> list[Record]:
    events: list[Record] = []
    days = [day for day in _HISTORY_DAYS if day < settings.days]
    for visit, day in enumerate(days):
        start_ms = settings.end_ms - day * _DAY_MS - 2 * _HOUR_MS
        topic = OLD_TOPICS[visit % 2]
        events.extend(behaviour.session(person, start_ms, 5, topic, search=visit % 3 == 0))
    # One session about the new interest alone, until the end.
    pause_s = (settings.end_ms - drift_ms) / 1000 / (settings.followed_events + 1)
    keen = replace(person, favourites=person.favourites[-1:], dislikes=())
    events.extend(
        behaviour.session(
            keen,
            drift_ms,
            settings.followed_events,
            NEW_TOPIC,
            search=True,
            stray=False,
            gap_s=(0.8 * pause_s, 1.1 * pause_s),
        )
    )
    return events


def _sessions(
    people: Mapping[str, Person], events: int, rng: np.random.Generator
) -> Iterator[tuple[Person, int]]:
    """Persons with the length of a session; the lengths add up to `events`.

    Each person has a session if there are enough events, and a few people have far more.
    """
    crowd = list(people.values())
    if not crowd or events <= 0:
        return
    keenness = rng.pareto(1.6, len(crowd)) + 0.4
    often = np.cumsum(keenness / keenness.sum())
    left = events
    for visit in range(events):
        if visit < len(crowd):
            person = crowd[visit]
        else:
            index = int(np.searchsorted(often, rng.random()))
            person = crowd[min(index, len(crowd) - 1)]
        length = min(int(rng.integers(3, 11)), left)
        yield person, length
        left -= length
        if left == 0:
            return


def _evening(time_ms: int, rng: np.random.Generator) -> int:
    """A time on the same day, between 6:00 and 23:30 and mostly in the evening."""
    hour = float(np.clip(rng.normal(18.5, 3.5), 6.0, 23.5))
    return time_ms - time_ms % _DAY_MS + int(hour * _HOUR_MS)


def _first_times(lines: list[Line]) -> Iterator[tuple[int, Record]]:
    """Each event at its first arrival, with the index of its line."""
    seen: set[str] = set()
    for index, line in enumerate(lines):
        if isinstance(line, dict) and line["event_id"] not in seen:
            seen.add(line["event_id"])
            yield index, line


def _late_items(
    catalogue: Catalogue,
    lines: list[Line],
    settings: Settings,
    followed: Person,
    rng: np.random.Generator,
) -> dict[str, int]:
    """Some items of medium popularity that the followed user does not see, as `late_items`."""
    spared = {
        line.get("item_id")
        for line in lines
        if isinstance(line, dict) and line["user_id"] == followed.user_id
    }
    candidates = [
        item_id
        for ids in catalogue.by_topic.values()
        for item_id in ids[3:60]
        if item_id not in spared
    ]
    count = min(round(settings.items * settings.late_items), len(candidates))
    chosen = rng.permutation(len(candidates))[:count]
    return {
        candidates[n]: int(len(lines) * rng.uniform(0.3, 0.75)) for n in sorted(chosen.tolist())
    }
