"""What is accepted, and when: the input in phases, each of which is worked off before the next."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import xxhash

from bench.verify.recompute.actions import Action
from bench.verify.recompute.validation import (
    Bounds,
    Control,
    Event,
    Item,
    RejectedError,
    line_of,
    read_control,
    read_event,
    read_item,
)

Record = Mapping[str, Any] | bytes
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Phase:
    """Items, then events, then commands; whatever comes in one phase has no order in itself, but
    that the last line of an item and of a user's commands counts."""

    items: Iterable[Record] = ()
    events: Iterable[Record] = ()
    control: Iterable[Record] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    event: Event
    key: int
    phase: int
    """In which it was counted: its own, or the one in which its item came."""
    waited: bool = False
    """Whether it was counted among the items of its phase, in no decided order with them."""

    @property
    def order(self) -> tuple[int, int]:
        return self.event.time_ms, self.key


class Stream(Generic[Parsed]):
    """Reads lines, and keeps count of them and of those that died."""

    def __init__(self, name: str, parse: Callable[[bytes], Parsed]) -> None:
        self.name = name
        self.parse = parse
        self.records_in = 0
        self.dead: list[tuple[str, str | None]] = []
        """(reason, user_id where it can be read) of each dead letter."""

    @property
    def valid(self) -> int:
        return self.records_in - len(self.dead)

    def read(self, records: Iterable[Record]) -> Iterator[Parsed]:
        for record in records:
            self.records_in += 1
            try:
                yield self.parse(line_of(record))
            except RejectedError as rejected:
                self.dead.append((rejected.reason, rejected.user_id))


@dataclass
class Catalogue:
    """Items as last told, and every document that they had."""

    items: dict[str, Item] = field(default_factory=dict)
    history: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By item: (phase, document), one for each change."""
    changes: int = 0
    """Documents that are to be encoded."""
    once_a_phase: bool = True
    """No item was told twice in a phase, so that the input decides the number of changes."""

    def tell(self, items: Iterable[Item], phase: int) -> None:
        told: set[str] = set()
        for item in items:
            self.once_a_phase &= item.item_id not in told
            told.add(item.item_id)
            self.items[item.item_id] = item
            past = self.history.setdefault(item.item_id, [])
            if not past or past[-1][1] != item.document:
                past.append((phase, item.document))
                self.changes += 1

    def document(self, item_id: str, phase: int) -> str:
        """What the item said at the end of a phase."""
        return [document for since, document in self.history[item_id] if since <= phase][-1]

    def changed_in(self, item_id: str, phase: int) -> bool:
        """Whether an item that was known before said something else in a phase."""
        return any(since == phase for since, _ in self.history[item_id][1:])


@dataclass
class Person:
    """What is known of a user."""

    accepted: dict[int, Accepted] = field(default_factory=dict)
    waiting: dict[int, Event] = field(default_factory=dict)
    out: bool = False
    forgotten: bool = False
    back_in: int = -1
    """Phase of the latest opt-in after an opt-out."""


class History:
    """Works phases off, one after the other."""

    def __init__(self, actions: Mapping[str, Action], bounds: Bounds) -> None:
        self.items = Stream("items", lambda raw: read_item(raw, bounds))
        self.events = Stream("events", lambda raw: read_event(raw, actions, bounds))
        self.control = Stream("control", lambda raw: read_control(raw, bounds))
        self.catalogue = Catalogue()
        self.people: dict[str, Person] = {}
        self.counts: Counter[str] = Counter()

    def work_off(self, phases: Sequence[Phase]) -> None:
        for number, phase in enumerate(phases):
            self.catalogue.tell(self.items.read(phase.items), number)
            for person in self.people.values():
                self._join(person, number)
            for event in self.events.read(phase.events):
                self._take(event, number)
            for command in self.control.read(phase.control):
                self._obey(command, number)

    @property
    def forgotten(self) -> frozenset[str]:
        return frozenset(user for user, person in self.people.items() if person.forgotten)

    @property
    def opted_out(self) -> frozenset[str]:
        return frozenset(user for user, person in self.people.items() if person.out)

    def shown(self) -> Iterator[tuple[str, Person]]:
        """Users of whom the tables may tell what interests them."""
        for user, person in sorted(self.people.items()):
            if not person.out:
                yield user, person

    def _join(self, person: Person, phase: int) -> None:
        """What waited for an item that has come."""
        for key, event in list(person.waiting.items()):
            if event.item_id in self.catalogue.items:
                del person.waiting[key]
                if person.out:
                    self.counts["excluded"] += 1
                else:
                    self._apply(person, event, key, phase, waited=True)

    def _take(self, event: Event, phase: int) -> None:
        person = self.people.setdefault(event.user_id, Person())
        key = xxhash.xxh3_64_intdigest(f"{event.user_id}\0{event.event_id}".encode())
        if person.forgotten or person.out:
            self.counts["excluded"] += 1
        elif key in person.accepted or key in person.waiting:
            self.counts["duplicates"] += 1
        elif (
            event.wanted is None
            and event.item_id is not None
            and event.item_id not in self.catalogue.items
        ):
            person.waiting[key] = event
        else:
            self._apply(person, event, key, phase)

    def _apply(
        self, person: Person, event: Event, key: int, phase: int, *, waited: bool = False
    ) -> None:
        self.counts["applied"] += 1
        person.accepted[key] = Accepted(event, key, phase, waited)

    def _obey(self, command: Control, phase: int) -> None:
        person = self.people.setdefault(command.user_id, Person())
        if person.forgotten:
            return
        if command.command == "forget":
            self.counts["excluded"] += len(person.waiting)
            self.people[command.user_id] = Person(forgotten=True)
        else:
            if person.out and command.command == "opt_in":
                person.back_in = phase
            person.out = command.command == "opt_out"
