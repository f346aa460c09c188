"""A simulation in chapters, each to be worked off before the next: between them items change, leave
and come back, and people ask to be forgotten or left alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from jobs.datasets.dataset import Line, Record
from jobs.simulator.simulation import FOLLOWED, Simulation
from jobs.simulator.topics import TOPICS

_ENDS = (0.4, 0.7, 1.0)
"""Where the chapters end, as shares of the event lines."""
_CHANGED_SHARE = 0.06
_AGAIN_SHARE = 0.02
"""Items whose text changes once more in the last chapter."""
_WITHDRAWN_SHARE = 0.03
_COMMANDING_SHARE = 0.01
"""People who send each of the commands."""


@dataclass(frozen=True)
class Chapter:
    """Items, then events, then commands."""

    items: Iterable[Line]
    events: Iterable[Line]
    control: Iterable[Line] = ()


def chapters(simulation: Simulation) -> tuple[Chapter, ...]:
    """Three chapters. The first has the catalogue without the late items, whose events wait."""
    rng = np.random.default_rng([simulation.settings.seed, 5])
    lines = simulation.lines
    bounds = [0, *(round(len(lines) * end) for end in _ENDS)]
    items = list(_items(simulation, rng))
    commands = _commands(simulation, rng)
    return tuple(Chapter(items[n], lines[bounds[n] : bounds[n + 1]], commands[n]) for n in range(3))


def _items(simulation: Simulation, rng: np.random.Generator) -> Iterator[tuple[Record, ...]]:
    known = list(simulation.items(late=False))
    yield tuple(known)
    drawn = [known[n] for n in rng.permutation(len(known))]
    changed, again, withdrawn = (
        max(round(len(known) * share), 1)
        for share in (_CHANGED_SHARE, _AGAIN_SHARE, _WITHDRAWN_SHARE)
    )
    first = [_rewritten(record, simulation, "revised") for record in drawn[:changed]]
    gone = drawn[changed : changed + withdrawn]
    yield (
        *simulation.items(late=True),
        *first,
        *({**record, "available": False} for record in gone),
    )
    back = gone[: max(len(gone) // 2, 1)]
    yield (
        *(_rewritten(record, simulation, "second revised") for record in first[:again]),
        # A record that says nothing of it is available; one of those back has a new text, too.
        _rewritten(back[0], simulation, "revised"),
        *back[1:],
    )


def _rewritten(record: Record, simulation: Simulation, edition: str) -> Record:
    """The same item with another text."""
    name = simulation.topic_of(record["item_id"])
    subjects = next(topic.subjects for topic in TOPICS if topic.name == name)
    number = int(record["item_id"].rsplit("-", 1)[1])
    subject = subjects[(number + len(edition)) % len(subjects)]
    return {**record, "text": f"The {edition} edition, which says more about {subject}."}


def _commands(simulation: Simulation, rng: np.random.Generator) -> list[tuple[Record, ...]]:
    crowd = sorted(simulation.people.keys() - {FOLLOWED})
    count = max(round(len(crowd) * _COMMANDING_SHARE), 1)
    drawn = iter([crowd[n] for n in rng.permutation(len(crowd))])
    groups = [[next(drawn) for _ in range(count)] for _ in range(5)]
    gone_early, gone_late, away_for_good, away_for_a_while, asks_often = groups

    def all_of(command: str, *users: list[str]) -> list[Record]:
        return [{"user_id": user, "command": command} for group in users for user in group]

    return [
        (
            *all_of("forget", gone_early),
            *all_of("opt_out", away_for_good, away_for_a_while),
        ),
        (
            *all_of("opt_in", away_for_a_while),
            *all_of("opt_out", asks_often),
        ),
        (
            *all_of("forget", gone_late),
            *all_of("opt_in", asks_often),
        ),
    ]
