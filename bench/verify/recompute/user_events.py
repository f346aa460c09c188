"""The accepted events of all users as arrays, each with the text whose vector it adds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.verify.recompute.actions import Action
from bench.verify.recompute.phases import Accepted, History
from bench.verify.recompute.sentiment import Prototypes
from bench.verify.recompute.undo import undone_events
from bench.verify.recompute.weighing import NO_VECTOR, Text, TextVectors, Vectors, Weighed, weigh
from bench.verify.recompute.windows import LAST, Columns


@dataclass(frozen=True)
class _Texts:
    """The texts of one event, whose vectors the windows use; an item's document may change."""

    counted: Text
    """When the event was counted."""
    undone: Text | None
    """When it was undone; None where it was not, or where it was undone in the same phase."""
    recent: Text
    """When `recent` was written last."""
    session: Text
    """When `session` was written last."""


class UserEvents:
    """Weighs all accepted events and finds the undone ones.

    `names` are the users with rows, `texts` the vectors of all texts, `undecided` the users whose
    windows the input does not decide.
    """

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
        self.names = [user for user, _ in history.visible() if self._events.get(user)]
        for user in self.names:
            self._undone[user], decided = undone_events(self._events[user], actions)
            if not decided or self._undone_by_merge(user):
                self.undecided.add(user)
        everything = [one for events in self._events.values() for one in events]
        texts = [text for one in everything for text in self._all_texts(one)]
        self.texts = TextVectors(texts, vectors)
        self._weighed: dict[str, list[Weighed]] = {user: [] for user in self._events}
        for found in weigh(everything, self.texts, prototypes):
            self._weighed[found.accepted.event.user_id].append(found)
            if found.on_edge:
                self.undecided.add(found.accepted.event.user_id)

    def _undone_by_merge(self, user: str) -> bool:
        """Whether the vector that a merge subtracted may be that of another text of the item."""
        if not self._people[user].merged:
            return False
        undone = [one.event.item_id for one in self._events[user] if one.key in self._undone[user]]
        return any(item is not None and len(self._catalogue.history[item]) > 1 for item in undone)

    def weighed(self) -> Iterable[Weighed]:
        """All accepted events, each user's by (time, key) ascending."""
        for events in self._weighed.values():
            yield from events

    def in_reading_order(self) -> Iterable[tuple[Sequence[Accepted], Mapping[int, Weighed]]]:
        """The accepted events of each user in the order of reading, and their weights by key."""
        for user, weighed in self._weighed.items():
            accepted = list(self._people[user].accepted.values())
            yield accepted, {one.accepted.key: one for one in weighed}

    def columns(self) -> Columns:
        """The events of the users in `names` that add to a window."""
        rows = [
            (number, user, one)
            for number, user in enumerate(self.names)
            for one in self._weighed[user]
            if _adds(one.accepted)
        ]
        written = {user: self._written_phases(user) for user in self.names}
        texts = [self._texts(one.accepted, user, *written[user]) for _, user, one in rows]
        row_of = self.texts.rows
        return Columns(
            user=np.array([number for number, _, _ in rows], np.int64),
            time_ms=np.array([one.accepted.event.time_ms for _, _, one in rows], np.int64),
            weight=np.array([one.weight for _, _, one in rows], np.float64),
            slack=np.array([one.slack for _, _, one in rows], np.float64),
            kept=np.array(
                [one.accepted.key not in self._undone[user] for _, user, one in rows], np.float64
            ),
            vector=np.array([row_of[own.counted] for own in texts], np.int64),
            undone_vector=np.array(
                [row_of[own.counted if own.undone is None else own.undone] for own in texts],
                np.int64,
            ),
            recent_vector=np.array([row_of[own.recent] for own in texts], np.int64),
            session_vector=np.array([row_of[own.session] for own in texts], np.int64),
            engagement=np.array([one.accepted.event.engagement for _, _, one in rows], np.float64),
            comment_vector=np.array(
                [
                    -1
                    if one.accepted.event.comment is None
                    else row_of["document", one.accepted.event.comment]
                    for _, _, one in rows
                ],
                np.int64,
            ),
        )

    def _all_texts(self, one: Accepted) -> Iterable[Text]:
        """Every text that the event may need: its own, and all documents of its item."""
        event = one.event
        if event.comment is not None:
            yield "document", event.comment
        if event.query is not None:
            yield "query", event.query
        elif event.item_id is not None and event.weight != 0:
            for _, document in self._catalogue.history[event.item_id]:
                yield "document", document

    def _texts(self, one: Accepted, user: str, recent: int, session: int) -> _Texts:
        """The event's texts when `recent` and `session` were written last in these phases."""
        event = one.event
        if event.query is not None:
            own = ("query", event.query)
            return _Texts(own, None, own, own)
        if event.item_id is None or event.weight == 0:
            assert event.comment is not None
            own = ("document", event.comment)
            return _Texts(own, None, own, own)
        item = event.item_id
        undone = self._undone[user].get(one.key)
        return _Texts(
            ("document", self._catalogue.document(item, one.phase)),
            None
            if undone is None or undone <= one.phase
            else ("document", self._catalogue.document(item, undone)),
            self._current(item, max(recent, one.phase)),
            self._current(item, max(session, one.phase)),
        )

    def _current(self, item: str, phase: int) -> Text:
        """The text whose vector stands for an item in what is written in a phase."""
        if not self._catalogue.has_vector(item, phase):
            return NO_VECTOR
        return "document", self._catalogue.document(item, phase)

    def _written_phases(self, user: str) -> tuple[int, int]:
        """The phases in which a user's `recent` and `session` were written last.

        `recent` is written when the last interactions change, `session` with the user's row,
        which every event changes.
        """
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
        opted_in = self._people[user].opted_in_phase
        newest = max(one.phase for one in self._events[user])
        changed = [one for one in last if one.phase == written]
        if not any(undone.get(one.key) == written for one in last):
            self._find_undecided(user, written, changed, last)
        self._find_undecided(
            user, newest, [one for one in self._events[user] if one.phase == newest], last
        )
        items = [one.event.item_id for one in last]
        if opted_in >= 0 and any(self._catalogue.deleted.get(i or "") == opted_in for i in items):
            # Commands have no order.
            self.undecided.add(user)
        return max(written, opted_in), max(newest, opted_in)

    def _find_undecided(
        self,
        user: str,
        phase: int,
        changed: Sequence[Accepted],
        last: Sequence[Accepted],
    ) -> None:
        """Mark a user whose last interactions may show an item before or after its change.

        That is so when `phase` wrote them last, an item of theirs changed in it, and only events
        that had waited for an item (`changed`) made it write them: these are counted while the
        items of the phase still arrive.
        """
        if phase <= self._people[user].opted_in_phase or not all(one.waited for one in changed):
            return
        items = [one.event.item_id for one in last]
        if any(self._catalogue.changed_in(item, phase) for item in items if item is not None):
            self.undecided.add(user)


def _adds(one: Accepted) -> bool:
    event = one.event
    has_text = event.item_id is not None or event.query is not None or event.comment is not None
    return has_text and (event.weight != 0 or event.engagement != 0)
