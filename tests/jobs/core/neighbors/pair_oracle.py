"""Pairs of items one event at a time, with lists: what the vectorised form must equal."""

from collections import defaultdict
from dataclasses import dataclass, field

from jobs.core.neighbors.rules import PairRules
from tests.jobs.core.interest.fold_builders import Happening

HOUR_MS = 3_600_000


@dataclass
class Interaction:
    """A positive interaction of a user; `item` is None for a text."""

    order: tuple[int, int]
    item: str | None
    bit: int
    weight: float
    undone: bool = False
    part: bool = True
    number: int = 0


@dataclass
class OneUser:
    """The last interactions of a user, newest first, and the undos that were read."""

    ring: list[Interaction] = field(default_factory=list)
    undos: list[tuple[tuple[int, int], str | None, int]] = field(default_factory=list)


def pairs_of(ring: list[Interaction], rules: PairRules) -> dict[tuple[str, str, int], float]:
    """Strengths of the pairs (older, newer, time) of a sequence, newest first."""
    found: dict[tuple[str, str, int], float] = defaultdict(float)
    for at, newer in enumerate(ring):
        if newer.item is None or newer.undone or not newer.part:
            continue
        distance, met = 0, {newer.item}
        for older in ring[at + 1 : at + 1 + rules.window]:
            if older.item is None or older.undone or not older.part:
                continue
            distance += 1
            if older.item not in met:
                met.add(older.item)
                weight = min(1.0, older.weight, newer.weight)
                found[older.item, newer.item, newer.order[0]] += weight * distance**-0.5
    return found


class PairOracle:
    """Reads events one by one; `last_n` interactions of a user are kept."""

    def __init__(self, rules: PairRules, last_n: int) -> None:
        self.rules = rules
        self.last_n = last_n
        self.users: dict[int, OneUser] = {}
        self.pairs: dict[tuple[str, str, int], float] = defaultdict(float)
        """Strength by (older item, newer item, time of the newer interaction)."""
        self.liked: dict[tuple[str, int], float] = defaultdict(float)
        """Interactions by (item, time)."""

    def read(self, event: Happening) -> None:
        user = self.users.setdefault(event.user, OneUser())
        if event.undoes:
            user.undos.append(((event.time_ms, event.key), event.item, event.undo_bit))
            for old in user.ring:
                if self._is_undone(old, user) and not old.undone:
                    before = pairs_of(user.ring, self.rules)
                    old.undone = True
                    self._add(before, user.ring)
                    self.liked[str(old.item), old.order[0]] -= old.part
        if event.weight <= 0:
            return
        text = event.item is None or (event.text is not None and not event.is_comment)
        one = Interaction(
            (event.time_ms, event.key), None if text else event.item, event.undo_bit, event.weight
        )
        one.undone = not text and self._is_undone(one, user)
        hour = event.time_ms // HOUR_MS
        numbers = [old.number for old in user.ring if old.order[0] // HOUR_MS == hour]
        one.number = 0 if text else max(numbers, default=0) + 1
        later = sum(old.order[0] > one.order[0] for old in user.ring)
        late, beyond = later > self.rules.depth, one.number > self.rules.per_user_hour
        one.part = not late and not beyond
        if late:
            one.number = 0
        elif beyond:
            one.number = 1000
        after = sorted([*user.ring, one], key=lambda each: each.order, reverse=True)
        if (one.part or text) and not late:
            self._add(pairs_of(user.ring, self.rules), after)
            if not text and not one.undone:
                self.liked[str(one.item), event.time_ms] += 1
        user.ring = after[: self.last_n]

    def _is_undone(self, one: Interaction, user: OneUser) -> bool:
        return any(
            (item, bit) == (one.item, one.bit) and order > one.order
            for order, item, bit in user.undos
        )

    def _add(self, before: dict[tuple[str, str, int], float], after: list[Interaction]) -> None:
        for pair, strength in pairs_of(after, self.rules).items():
            self.pairs[pair] += strength
        for pair, strength in before.items():
            self.pairs[pair] -= strength
