"""Which items are liked before and after which, from the sequence of each user's interactions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.verify.recompute.actions import Action
from bench.verify.recompute.phases import Accepted
from bench.verify.recompute.validation import DAY_MS
from bench.verify.recompute.weighing import Weighed

WINDOW, LAST = 20, 32
LATEST_DEPTH = LAST - WINDOW
"""An interaction counts if at most so many newer ones of its user were read before it."""
PER_HOUR = 100
HOUR_MS = 3_600_000
HALF_LIFE_MS = 365 * DAY_MS
BACKWARD = 0.5


@dataclass
class Neighbors:
    """What the rows of `item_neighbors` must hold, as of `as_of_ms` (epoch milliseconds)."""

    as_of_ms: int
    strengths: dict[str, dict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    """By item and neighbor."""
    interactions: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """By item."""
    undecided: set[str] = field(default_factory=set)
    """Items whose rows the input does not decide: users with events that reach the job in an
    unknown order liked them."""

    def without(self, deleted: Iterable[str]) -> "Neighbors":
        """The rows of other items than the `deleted` ones, which are none of their neighbors.

        What deleted items are in the sequences of users stays.
        """
        for item in deleted:
            self.strengths.pop(item, None)
            self.interactions.pop(item, None)
            for row in self.strengths.values():
                row.pop(item, None)
        return self


@dataclass(slots=True)
class _Liked:
    """A positive interaction of a user; `item` is None for a text."""

    order: tuple[int, int]
    key: int
    item: str | None
    weight: float
    gone: bool = False
    """Whether it was undone or replaced."""
    out: bool = False
    """Whether it takes no part: it was read too late, or was one of too many in its hour."""
    late: bool = False


Pair = tuple[str, str, int]
"""(older item, newer item, time of the newer interaction)."""


def neighbors(
    users: Iterable[tuple[Sequence[Accepted], Mapping[int, Weighed]]],
    actions: Mapping[str, Action],
    forgotten_items: Iterable[str],
    as_of_ms: int,
) -> Neighbors:
    """What the rows must hold; `users` are the accepted events of each user in the order of
    reading, and their weights by key."""
    found = Neighbors(as_of_ms)
    found.undecided.update(forgotten_items)
    for events, weights in users:
        reading = _reading(events, weights, actions)
        if reading is None:
            found.undecided.update(one.event.item_id for one in events if one.event.item_id)
        else:
            _User(found, actions).read(reading, weights)
    return found


def _reading(
    events: Sequence[Accepted], weights: Mapping[int, Weighed], actions: Mapping[str, Action]
) -> list[Accepted] | None:
    """The events in an order that gives the same as the order in which the job reads them; None
    where that is unknown.

    Texts pass the encoder, and events of unknown items wait: these come later than others. They
    do no harm where few interactions are newer, and the others come in the order of their times.
    """
    loose = [one for one in events if _is_loose(one)]
    liked = sorted(one.order for one in events if weights[one.key].weight > 0)
    if not loose:
        return list(events)
    if any(weights[one.key].slack or weights[one.key].on_edge for one in loose):
        return None
    hours = Counter(order[0] // HOUR_MS for order in liked)
    if max(hours.values(), default=0) > PER_HOUR:
        return None
    in_order = sorted(events, key=lambda one: one.order)
    if len(liked) <= LATEST_DEPTH + 1:
        return in_order
    newest = liked[-LATEST_DEPTH - 1]
    firm = [one.order for one in events if not _is_loose(one)]
    if firm != sorted(firm) or _takes_back(events, actions):
        return None
    return in_order if all(one.order >= newest for one in loose) else None


def _takes_back(events: Sequence[Accepted], actions: Mapping[str, Action]) -> bool:
    """Whether one of the events undoes or replaces another one, or would."""
    replacing: set[tuple[str | None, str]] = set()
    for one in events:
        name = one.event.action
        rated = one.event.item_id, name
        if actions[name].undoes or rated in replacing:
            return True
        if actions[name].replaces:
            replacing.add(rated)
    return False


def _is_loose(one: Accepted) -> bool:
    return one.waited or one.event.query is not None or one.event.comment is not None


class _User:
    """The last interactions of a user, newest first."""

    def __init__(self, sums: Neighbors, actions: Mapping[str, Action]) -> None:
        self._sums = sums
        self._actions = actions
        self._last: list[_Liked] = []
        self._undos: dict[tuple[str | None, str], list[tuple[int, int]]] = defaultdict(list)
        self._acted: dict[int, str] = {}
        self._numbers: dict[int, tuple[int, int]] = {}

    def read(self, events: Sequence[Accepted], weights: Mapping[int, Weighed]) -> None:
        """Read the events of the user, one by one."""
        for one in events:
            event = one.event
            undone = self._actions[event.action].undone_by(event.action)
            if undone and event.item_id is not None:
                self._undo(one, undone)
            if (weight := weights[one.key].weight) > 0:
                text = event.query is not None or event.item_id is None
                if text and event.query is None and event.comment is None:
                    continue
                self._acted[one.key] = event.action
                liked = _Liked(one.order, one.key, None if text else event.item_id, weight)
                liked.gone = not text and any(
                    order > one.order for order in self._undos[event.item_id, event.action]
                )
                self._insert(liked)

    def _insert(self, liked: _Liked) -> None:
        rank = sum(other.order > liked.order for other in self._last)
        liked.late = sum(other.order[0] > liked.order[0] for other in self._last) > LATEST_DEPTH
        if liked.item is not None:
            liked.out = liked.late or not self._room_in_hour(liked)
        before = self._last
        after = [*before[:rank], liked, *before[rank:]]
        self._last = after[:LAST]
        if liked.late or liked.out:
            return
        if rank == 0 and (liked.gone or liked.item is None):
            return
        if rank == 0:
            self._add(_pairs(after, only_newest=True), +1)
        else:
            self._add(_pairs(before), -1)
            self._add(_pairs(after), +1)
        if liked.item is not None and not liked.gone:
            self._count(liked, +1)

    def _room_in_hour(self, liked: _Liked) -> bool:
        """Whether the interaction is not one of too many; the numbers are kept with the last
        interactions, as in the job's state."""
        hour = liked.order[0] // HOUR_MS
        numbers = [
            self._numbers[other.key][1]
            for other in self._last
            if other.key in self._numbers and self._numbers[other.key][0] == hour
        ]
        number = max(numbers, default=0) + 1
        if number > PER_HOUR:
            number = PER_HOUR + 1
        self._numbers[liked.key] = hour, number
        return number <= PER_HOUR

    def _undo(self, one: Accepted, undone: str) -> None:
        item = one.event.item_id
        self._undos[item, undone].append(one.order)
        for liked in self._last:
            if (
                liked.item is not None
                and liked.item == item
                and self._acted[liked.key] == undone
                and liked.order < one.order
                and not liked.gone
            ):
                self._add(_pairs(self._last), -1)
                liked.gone = True
                self._add(_pairs(self._last), +1)
                if not liked.out:
                    self._count(liked, -1)

    def _count(self, liked: _Liked, sign: int) -> None:
        assert liked.item is not None
        decay = 2.0 ** ((liked.order[0] - self._sums.as_of_ms) / HALF_LIFE_MS)
        self._sums.interactions[liked.item] += sign * decay

    def _add(self, pairs: Iterable[tuple[Pair, float]], sign: int) -> None:
        for (older, newer, time_ms), strength in pairs:
            decayed = sign * strength * 2.0 ** ((time_ms - self._sums.as_of_ms) / HALF_LIFE_MS)
            self._sums.strengths[older][newer] += decayed
            self._sums.strengths[newer][older] += BACKWARD * decayed


def _pairs(last: Sequence[_Liked], *, only_newest: bool = False) -> list[tuple[Pair, float]]:
    """The pairs of a sequence, newest first, or those of its newest interaction."""
    found = []
    for at, newer in enumerate(last[:1] if only_newest else last):
        if newer.item is None or newer.gone or newer.out:
            continue
        met = {newer.item}
        distance = 0
        for older in last[at + 1 : at + 1 + WINDOW]:
            if older.item is None or older.gone or older.out:
                continue
            distance += 1
            if older.item not in met:
                met.add(older.item)
                weight = min(1.0, newer.weight, older.weight)
                pair = older.item, newer.item, newer.order[0]
                found.append((pair, weight / distance**0.5))
    return found
