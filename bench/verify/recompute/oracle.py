"""From input lines to expected rows, in the order of docs/contract.md."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.verify.recompute.actions import ACTIONS, Action
from bench.verify.recompute.phases import Accepted, History, Person, Phase, Record
from bench.verify.recompute.result import Counts, Expected, User
from bench.verify.recompute.sentiment import Prototypes
from bench.verify.recompute.undo import taken_back
from bench.verify.recompute.user_items import user_items
from bench.verify.recompute.validation import DAY_MS, Bounds
from bench.verify.recompute.weighing import Table, Text, Vectors, Weighed, weigh
from bench.verify.recompute.windows import LAST, Column, windows


def recompute(
    items: Iterable[Record],
    events: Iterable[Record],
    control: Iterable[Record] = (),
    *,
    vectors: Vectors,
    now_ms: int,
    actions: Mapping[str, Action] = ACTIONS,
    bounds: Bounds | None = None,
    prototypes: Prototypes | None = None,
) -> Expected:
    """What the tables must hold once all of the input has been worked off.

    Of several lines of one item the last one counts. Commands that come among events have no
    order; they count as if they came before all of them, and the counters are not decided.
    """
    return recompute_phases(
        [Phase(items=items, control=control), Phase(events=events)],
        vectors=vectors,
        now_ms=now_ms,
        actions=actions,
        bounds=bounds,
        prototypes=prototypes,
        in_order=False,
    )


def recompute_phases(
    phases: Sequence[Phase],
    *,
    vectors: Vectors,
    now_ms: int,
    actions: Mapping[str, Action] = ACTIONS,
    bounds: Bounds | None = None,
    prototypes: Prototypes | None = None,
    in_order: bool = True,
) -> Expected:
    """What the tables must hold where every phase was worked off before the next one was fed, and
    the events of each before its commands; without `in_order` commands may have come any time."""
    history = History(actions, Bounds(latest_ms=now_ms + DAY_MS) if bounds is None else bounds)
    history.work_off(phases)
    streams = (history.items, history.events, history.control)
    people = _People(history, actions, vectors, prototypes)
    column = people.column()
    counted = history.counts
    commanded = bool(history.forgotten or history.opted_out)
    return Expected(
        windows=windows(column, people.table.vectors, people.names),
        users={user: _user(person) for user, person in history.shown() if person.accepted},
        user_items=user_items(people.all_weighed(), actions),
        counts={
            "items": Counts(
                history.items.records_in,
                dead_letters=len(history.items.dead),
                applied=history.catalogue.changes,
            ),
            "events": Counts(
                history.events.records_in,
                dead_letters=len(history.events.dead),
                waiting=sum(len(person.waiting) for person in history.people.values()),
                duplicates=counted["duplicates"],
                applied=counted["applied"],
                excluded=counted["excluded"],
            ),
            "control": Counts(
                history.control.records_in,
                dead_letters=len(history.control.dead),
                applied=history.control.valid,
            ),
        },
        dead_letters=Counter(
            (stream.name, reason)
            for stream in streams
            for reason, user_id in stream.dead
            if user_id not in history.forgotten
        ),
        forgotten=history.forgotten,
        opted_out=history.opted_out,
        items={
            item_id: (item.document, item.available)
            for item_id, item in history.catalogue.items.items()
        },
        changes_decided=history.catalogue.once_a_phase,
        counts_decided=in_order or not commanded,
        undecided=frozenset(people.undecided),
    )


def _user(person: Person) -> User:
    times = [one.event.time_ms for one in person.accepted.values()]
    return User(len(times), max(times))


@dataclass(frozen=True)
class _Aim:
    """Where an event points to: as it was counted, as it was taken back, as `recent` shows it
    and as `session` does."""

    counted: Text
    undone: Text | None
    shown: Text
    in_session: Text


class _People:
    """Everybody's events as arrays."""

    def __init__(
        self,
        history: History,
        actions: Mapping[str, Action],
        vectors: Vectors,
        prototypes: Prototypes | None,
    ) -> None:
        self._catalogue = history.catalogue
        self._events = {
            user: sorted(person.accepted.values(), key=lambda one: one.order)
            for user, person in sorted(history.people.items())
        }
        self._people = history.people
        self._undone: dict[str, dict[int, int]] = {}
        self.undecided: set[str] = set()
        self.names = [user for user, _ in history.shown() if self._events.get(user)]
        for user in self.names:
            self._undone[user], decided = taken_back(self._events[user], actions)
            if not decided:
                self.undecided.add(user)
        everything = [one for events in self._events.values() for one in events]
        texts = [text for one in everything for text in self._texts(one)]
        self.table = Table(texts, vectors)
        weighed = weigh(everything, self.table, prototypes)
        self._weighed: dict[str, list[Weighed]] = {user: [] for user in self._events}
        for found in weighed:
            self._weighed[found.accepted.event.user_id].append(found)
            if found.on_edge:
                self.undecided.add(found.accepted.event.user_id)

    def all_weighed(self) -> Iterable[Weighed]:
        for events in self._weighed.values():
            yield from events

    def _texts(self, one: Accepted) -> Iterable[Text]:
        """All that the event may ever point to."""
        event = one.event
        if event.said is not None:
            yield "document", event.said
        if event.wanted is not None:
            yield "query", event.wanted
        elif event.item_id is not None and event.weight != 0:
            for _, document in self._catalogue.history[event.item_id]:
                yield "document", document

    def column(self) -> Column:
        rows = [
            (number, user, one)
            for number, user in enumerate(self.names)
            for one in self._weighed[user]
            if self._points(one.accepted)
        ]
        shown = {user: self._shown_phases(user) for user in self.names}
        aims = [self._aim(one.accepted, user, *shown[user]) for _, user, one in rows]
        place = self.table.rows
        return Column(
            user=np.array([number for number, _, _ in rows], np.int64),
            time_ms=np.array([one.accepted.event.time_ms for _, _, one in rows], np.int64),
            weight=np.array([one.weight for _, _, one in rows], np.float64),
            slack=np.array([one.slack for _, _, one in rows], np.float64),
            kept=np.array(
                [one.accepted.key not in self._undone[user] for _, user, one in rows], np.float64
            ),
            vector=np.array([place[aim.counted] for aim in aims], np.int64),
            undone_vector=np.array(
                [place[aim.undone if aim.undone is not None else aim.counted] for aim in aims],
                np.int64,
            ),
            shown_vector=np.array([place[aim.shown] for aim in aims], np.int64),
            session_vector=np.array([place[aim.in_session] for aim in aims], np.int64),
            attention=np.array([one.accepted.event.attention for _, _, one in rows], np.float64),
            said_vector=np.array(
                [
                    -1
                    if one.accepted.event.said is None
                    else place["document", one.accepted.event.said]
                    for _, _, one in rows
                ],
                np.int64,
            ),
        )

    @staticmethod
    def _points(one: Accepted) -> bool:
        event = one.event
        pointed = event.item_id is not None or event.wanted is not None or event.said is not None
        return pointed and (event.weight != 0 or event.attention != 0)

    def _aim(self, one: Accepted, user: str, shown: int, in_session: int) -> _Aim:
        event = one.event
        if event.wanted is not None:
            own = ("query", event.wanted)
            return _Aim(own, None, own, own)
        if event.item_id is None or event.weight == 0:
            assert event.said is not None
            own = ("document", event.said)
            return _Aim(own, None, own, own)
        item = event.item_id
        undone = self._undone[user].get(one.key)
        return _Aim(
            ("document", self._catalogue.document(item, one.phase)),
            None
            if undone is None or undone <= one.phase
            else ("document", self._catalogue.document(item, undone)),
            ("document", self._catalogue.document(item, max(shown, one.phase))),
            ("document", self._catalogue.document(item, max(in_session, one.phase))),
        )

    def _shown_phases(self, user: str) -> tuple[int, int]:
        """The phases in which `recent` and `session` were written last: the one with the last
        interactions that changed, the other with the user's row, which any event changes."""
        liked = [one.accepted for one in self._weighed[user] if one.weight > 0]
        undone = self._undone[user]
        changes = [one.phase for one in liked] + [undone[o.key] for o in liked if o.key in undone]
        written, before = -1, None
        last: list[Accepted] = []
        for phase in sorted(set(changes)):
            known = [one for one in liked if one.phase <= phase][-LAST:]
            now = [(one.key, undone.get(one.key, phase + 1) <= phase) for one in known]
            if now != before:
                written, before, last = phase, now, known
        back_in = self._people[user].back_in
        at_last = max(one.phase for one in self._events[user])
        moving = [one for one in last if one.phase == written]
        if not any(undone.get(one.key) == written for one in last):
            self._tell_torn(user, written, moving, last)
        self._tell_torn(
            user, at_last, [one for one in self._events[user] if one.phase == at_last], last
        )
        return max(written, back_in), max(at_last, back_in)

    def _tell_torn(
        self,
        user: str,
        phase: int,
        moving: Sequence[Accepted],
        last: Sequence[Accepted],
    ) -> None:
        """The last interactions are undecided that were written in a phase while items changed,
        and not again when all had changed: only events that had waited for an item moved them."""
        if phase <= self._people[user].back_in or not all(one.waited for one in moving):
            return
        items = [one.event.item_id for one in last]
        if any(self._catalogue.changed_in(item, phase) for item in items if item is not None):
            self.undecided.add(user)
