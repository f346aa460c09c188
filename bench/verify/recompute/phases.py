"""Which events are accepted, and when: the input in phases, each processed before the next."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import xxhash

from bench.verify.recompute.actions import Action
from bench.verify.recompute.json_objects import line_of
from bench.verify.recompute.merges import Merges
from bench.verify.recompute.validation import (
    Bounds,
    Control,
    Deletion,
    Event,
    Item,
    RejectedError,
    Withdrawal,
    read_control,
    read_event,
    read_item,
)
from jobs.datasets.broken_row import BrokenRow

Record = Mapping[str, Any] | bytes
"""A record as an object, or a line as raw bytes."""
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Phase:
    """Items, then events, then commands.

    Within a phase the order of lines does not count, with two exceptions: the last line of an
    item and the last command of a user count.
    """

    items: Iterable[Record] = ()
    events: Iterable[Record] = ()
    control: Iterable[Record] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that counts."""

    event: Event
    key: int
    """Hash of user and event id, as they stand in the line, 64 bits without sign."""
    phase: int
    """The phase that counted the event: its own, or the one in which its item arrived."""
    waited: bool = False
    """Whether the event waited for its item, and was counted while items of its phase changed."""

    @property
    def order(self) -> tuple[int, int]:
        """(time in ms, key): the order in which a user's events count."""
        return self.event.time_ms, self.key


class Stream(Generic[Parsed]):
    """Reads the lines of one stream, and counts lines and dead letters."""

    def __init__(self, name: str, parse: Callable[[bytes], Parsed]) -> None:
        self.name = name
        self.parse = parse
        self.records_in = 0
        self.dead: list[tuple[str, str | None]] = []
        """(reason, user, or item of the stream items, where it can be read) of each dead letter."""

    @property
    def valid(self) -> int:
        """Number of lines that were accepted so far."""
        return self.records_in - len(self.dead)

    def read(self, records: Iterable[Record]) -> Iterator[Parsed]:
        """The valid records among `records`; the others are kept in `dead`."""
        for record in records:
            self.records_in += 1
            try:
                yield self.parse(line_of(record))
            except RejectedError as rejected:
                is_row = isinstance(record, BrokenRow)
                reason = "unreadable_row" if is_row else rejected.reason
                self.dead.append((reason, rejected.user_id or rejected.item_id))


@dataclass
class Catalogue:
    """The newest version of every item, and every document that an item had."""

    items: dict[str, Item] = field(default_factory=dict)
    history: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By item: (phase, document) of each change."""
    changes: int = 0
    """Number of changed documents that must be encoded."""
    passed_over: int = 0
    """Number of lines without effect: older ones, and withdrawals of items that are not known."""
    deleted: dict[str, int] = field(default_factory=dict)
    """By item the phase after whose events it was deleted for good."""
    left_out: int = 0
    """Number of lines of items that were deleted before."""
    once_a_phase: bool = True
    """Whether no phase had two lines of one item, so that the input decides `changes`."""

    def update(self, lines: Iterable[Item | Withdrawal], phase: int) -> None:
        """Take over the items of a phase."""
        updated: set[str] = set()
        for line in lines:
            if line.item_id in self.deleted:
                self.left_out += 1
                continue
            self.once_a_phase &= line.item_id not in updated
            updated.add(line.item_id)
            known = self.items.get(line.item_id)
            item = _newer(line, known)
            if item is None:
                self.passed_over += 1
                continue
            self.items[item.item_id] = item
            past = self.history.setdefault(item.item_id, [])
            if not past or past[-1][1] != item.document:
                past.append((phase, item.document))
                self.changes += 1

    def delete(self, item_id: str, phase: int) -> None:
        """Delete an item for good behind the events of a phase."""
        self.deleted.setdefault(item_id, phase)
        self.items.pop(item_id, None)

    def has_vector(self, item_id: str, phase: int) -> bool:
        """Whether an item that was known has a vector at the end of a phase's events."""
        return phase <= self.deleted.get(item_id, phase)

    def document(self, item_id: str, phase: int) -> str:
        """The document of an item at the end of a phase."""
        return [document for since, document in self.history[item_id] if since <= phase][-1]

    def changed_in(self, item_id: str, phase: int) -> bool:
        """Whether the document of an item that was known before changed in a phase."""
        return any(since == phase for since, _ in self.history[item_id][1:])


def _newer(line: Item | Withdrawal, known: Item | None) -> Item | None:
    """What is known of an item after a line, None for a line without effect."""
    newest_ms = None if known is None else known.updated_ms
    if line.updated_ms is not None:
        if newest_ms is not None and line.updated_ms < newest_ms:
            return None
        newest_ms = line.updated_ms
    if isinstance(line, Item):
        return replace(line, updated_ms=newest_ms)
    return None if known is None else replace(known, available=False, updated_ms=newest_ms)


@dataclass
class Person:
    """What is known of one user; `accepted` and `waiting` are by event key."""

    accepted: dict[int, Accepted] = field(default_factory=dict)
    waiting: dict[int, Event] = field(default_factory=dict)
    opted_out: bool = False
    forgotten: bool = False
    opted_in_phase: int = -1
    """Phase of the latest opt-in after an opt-out, or merge: rows are written anew."""
    merged: bool = False
    """Whether others were merged into this user."""
    known: set[int] = field(default_factory=set)
    """Keys of events of users who were merged into this one while it was opted out."""


class History:
    """Reads one phase after the other, and keeps what every user did."""

    def __init__(self, actions: Mapping[str, Action], bounds: Bounds) -> None:
        self.items = Stream("items", lambda raw: read_item(raw, bounds))
        self.events = Stream("events", lambda raw: read_event(raw, actions, bounds))
        self.control = Stream("control", lambda raw: read_control(raw, bounds))
        self.catalogue = Catalogue()
        self.people: dict[str, Person] = {}
        self.counts: Counter[str] = Counter()
        self.merges = Merges()
        self.forgotten_items: set[str] = set()
        """Items that users who are forgotten now had events with."""

    def read(self, phases: Sequence[Phase]) -> None:
        """Read all phases in order."""
        for number, phase in enumerate(phases):
            self.catalogue.update(self.items.read(phase.items), number)
            for person in self.people.values():
                self._join_waiting(person, number)
            for event in self.events.read(phase.events):
                self._add(event, number)
            for command in self.control.read(phase.control):
                self._execute(command, number)

    @property
    def forgotten(self) -> frozenset[str]:
        """Users who asked to be forgotten."""
        return frozenset(user for user, person in self.people.items() if person.forgotten)

    @property
    def opted_out(self) -> frozenset[str]:
        """Users who are opted out at the end."""
        return frozenset(user for user, person in self.people.items() if person.opted_out)

    def visible(self) -> Iterator[tuple[str, Person]]:
        """Users whose windows the tables may hold, sorted by id: all that are not opted out."""
        for user, person in sorted(self.people.items()):
            if not person.opted_out:
                yield user, person

    def _join_waiting(self, person: Person, phase: int) -> None:
        """Count the waiting events whose item has arrived."""
        for key, event in list(person.waiting.items()):
            if event.item_id in self.catalogue.items:
                del person.waiting[key]
                if person.opted_out:
                    self.counts["excluded"] += 1
                else:
                    self._apply(person, event, key, phase, waited=True)

    def _add(self, event: Event, phase: int) -> None:
        key = xxhash.xxh3_64_intdigest(f"{event.user_id}\0{event.event_id}".encode())
        moved = event.user_id in self.merges
        event = replace(event, user_id=self.merges.end(event.user_id))
        person = self.people.setdefault(event.user_id, Person())
        is_known = key in person.accepted or key in person.waiting or key in person.known
        deleted = event.item_id in self.catalogue.deleted
        if deleted and event.query is not None:
            # The query stands for itself.
            event, deleted = replace(event, item_id=None), False
        if moved and is_known:
            self.counts["duplicates"] += 1
        elif person.forgotten or person.opted_out or deleted:
            self.counts["excluded"] += 1
            if moved:
                # Duplicates are found where the old user's lines are read, before all else.
                person.known.add(key)
        elif is_known:
            self.counts["duplicates"] += 1
        elif (
            event.query is None
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

    def _execute(self, command: Control | Deletion, phase: int) -> None:
        if isinstance(command, Deletion):
            self._delete(command.item_id, phase)
            return
        if command.command == "merge":
            self._merge(command, phase)
            return
        user_id = self.merges.end(command.user_id)
        person = self.people.setdefault(user_id, Person())
        if person.forgotten:
            return
        if command.command == "forget":
            for part in self.merges.parts(user_id):
                self._forget(part)
            self._forget(user_id)
        else:
            if person.opted_out and command.command == "opt_in":
                person.opted_in_phase = phase
            person.opted_out = command.command == "opt_out"

    def _delete(self, item_id: str, phase: int) -> None:
        self.catalogue.delete(item_id, phase)
        for person in self.people.values():
            for key, event in list(person.waiting.items()):
                if event.item_id == item_id:
                    del person.waiting[key]
                    self.counts["excluded"] += 1

    def _forget(self, user_id: str) -> None:
        person = self.people.setdefault(user_id, Person())
        self.counts["excluded"] += len(person.waiting)
        self.forgotten_items.update(
            one.event.item_id for one in person.accepted.values() if one.event.item_id
        )
        self.merges.part(user_id)
        self.people[user_id] = Person(forgotten=True)

    def _merge(self, command: Control, phase: int) -> None:
        """Let all events of a user be another one's, with the keys that they have."""
        old = self.people.setdefault(command.user_id, Person())
        if old.forgotten:
            return
        was_merged = command.user_id in self.merges
        parts = self.merges.parts(command.user_id)
        if not self.merges.merge(command.user_id, command.into):
            self.control.dead.append(("bad_merge", command.user_id))
            return
        into = self.merges.end(command.into)
        person = self.people.setdefault(into, Person())
        if was_merged:
            return
        if person.forgotten:
            for user_id in (*parts, command.user_id):
                self._forget(user_id)
            return
        for key, one in old.accepted.items():
            person.accepted[key] = replace(one, event=replace(one.event, user_id=into))
        for key, event in old.waiting.items():
            person.waiting[key] = replace(event, user_id=into)
        person.known |= old.known
        person.opted_out |= old.opted_out
        person.opted_in_phase = phase
        person.merged = True
        self.people[command.user_id] = Person()
