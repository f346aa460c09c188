"""Divides a simulation into chapters, each of which is processed before the next one is fed.

Between chapters items change, become unavailable and available again, or are deleted, and people
ask to be forgotten, opt out and opt in, or turn out to be one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from jobs.datasets.dataset import Line, Record
from jobs.simulator.simulation import FOLLOWED, Simulation
from jobs.simulator.topics import TOPICS

_ENDS = (0.4, 0.7, 1.0)
"""Ends of the chapters, as shares of the event lines."""
_CHANGED_SHARE = 0.06
"""Share of the items whose text changes in the second chapter."""
_AGAIN_SHARE = 0.02
"""Share of the items whose text changes again in the last chapter."""
_WITHDRAWN_SHARE = 0.03
"""Share of the items that become unavailable in the second chapter."""
_DELETED_SHARE = 0.01
"""Share of the items that are deleted for good at the end of each of the first two chapters."""
_COMMANDING_SHARE = 0.01
"""Share of the people in each group that sends commands."""


@dataclass(frozen=True)
class Chapter:
    """Items, then events, then commands; each of them can be read more than once."""

    items: Iterable[Line]
    events: Iterable[Line]
    control: Iterable[Line] = ()


def chapters(simulation: Simulation) -> tuple[Chapter, ...]:
    """The three chapters of a simulation.

    The first one has the catalogue without the late items, whose events wait until the second.
    """
    rng = np.random.default_rng([simulation.settings.seed, 5])
    lines = simulation.lines
    bounds = [0, *(round(len(lines) * end) for end in _ENDS)]
    items = list(_items(simulation, rng))
    commands = _commands(simulation, rng)
    deletions = _deletions(simulation, items)
    return tuple(
        Chapter(items[n], lines[bounds[n] : bounds[n + 1]], commands[n] + deletions[n])
        for n in range(3)
    )


def _items(simulation: Simulation, rng: np.random.Generator) -> Iterator[tuple[Record, ...]]:
    """The items of each chapter."""
    known = list(simulation.items(late=False))
    yield tuple(known)
    drawn = [known[n] for n in rng.permutation(len(known))]
    changed, again, withdrawn = (
        max(round(len(known) * share), 1)
        for share in (_CHANGED_SHARE, _AGAIN_SHARE, _WITHDRAWN_SHARE)
    )
    first = [_rewritten(record, simulation, "revised") for record in drawn[:changed]]
    unavailable = drawn[changed : changed + withdrawn]
    yield (
        *simulation.items(late=True),
        *first,
        # The same record again says so, and one without a title does.
        *({**record, "available": False} for record in unavailable[::2]),
        *({"item_id": record["item_id"], "available": False} for record in unavailable[1::2]),
    )
    returned = unavailable[: max(len(unavailable) // 2, 1)]
    yield (
        *(_rewritten(record, simulation, "second revised") for record in first[:again]),
        # A record without `available` is available. The first one has a new text as well.
        _rewritten(returned[0], simulation, "revised"),
        *returned[1:],
    )


def _rewritten(record: Record, simulation: Simulation, edition: str) -> Record:
    """The same item with another text."""
    name = simulation.topic_of(record["item_id"])
    subjects = next(topic.subjects for topic in TOPICS if topic.name == name)
    number = int(record["item_id"].rsplit("-", 1)[1])
    subject = subjects[(number + len(edition)) % len(subjects)]
    return {**record, "text": f"The {edition} edition, which says more about {subject}."}


def _commands(simulation: Simulation, rng: np.random.Generator) -> list[tuple[Record, ...]]:
    """The commands of each chapter, from eight groups of people."""
    crowd = sorted(simulation.people.keys() - {FOLLOWED})
    count = max(round(len(crowd) * _COMMANDING_SHARE), 1)
    drawn = iter([crowd[n] for n in rng.permutation(len(crowd))])
    groups = [[next(drawn) for _ in range(count)] for _ in range(8)]
    forgotten_early, forgotten_late, out_for_good, out_for_a_while, out_late = groups[:5]
    visitors, known, known_later = groups[5:]

    def all_of(command: str, *users: list[str]) -> list[Record]:
        return [{"user_id": user, "command": command} for group in users for user in group]

    def merged(users: list[str], into: list[str]) -> list[Record]:
        pairs = zip(users, into, strict=True)
        return [{"user_id": user, "command": "merge", "into": one} for user, one in pairs]

    return [
        (
            *merged(visitors, known),
            *all_of("forget", forgotten_early),
            *all_of("opt_out", out_for_good, out_for_a_while),
        ),
        (
            *all_of("opt_in", out_for_a_while),
            *all_of("opt_out", out_late),
        ),
        (
            *merged(known, known_later),
            *all_of("forget", forgotten_late),
            *all_of("opt_in", out_late),
        ),
    ]


def _deletions(
    simulation: Simulation, items: list[tuple[Record, ...]]
) -> tuple[tuple[Record, ...], ...]:
    """The deletions of each chapter.

    Among those of the first are an item that only the second chapter has, and one whose record it
    has again.
    """
    rng = np.random.default_rng([simulation.settings.seed, 6])
    known = [record["item_id"] for record in items[0]]
    count = max(round(len(known) * _DELETED_SHARE), 1)
    drawn = [known[n] for n in rng.permutation(len(known))]
    still_to_come = next(iter(simulation.late_items))
    sent_again = next(one["item_id"] for one in items[1] if one["item_id"] in set(known))
    return tuple(
        tuple({"command": "delete_item", "item_id": item_id} for item_id in dict.fromkeys(deleted))
        for deleted in (
            [still_to_come, sent_again, *drawn[:count]],
            drawn[count : 2 * count],
            [],
        )
    )
