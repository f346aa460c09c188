"""Which fault comes when: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.chaos.faults import FAULTS, OF_TOPICS


@dataclass(frozen=True)
class Step:
    """A fault, and how long the job runs undisturbed before it, in seconds."""

    name: str
    pause_s: float


def timeline(
    seed: int, count: int, only: Sequence[str] = (), *, topics: bool = False
) -> list[Step]:
    """Draw `count` faults of all kinds, or of those in `only`; each once before one comes again.

    Faults of a broker are among all kinds with `topics`.

    >>> [step.name for step in timeline(1, 30)] == [step.name for step in timeline(1, 30)]
    True
    >>> len({step.name for step in timeline(2, len(FAULTS), topics=True)}) == len(FAULTS)
    True
    >>> OF_TOPICS & {step.name for step in timeline(2, 50)}
    frozenset()
    """
    kinds = sorted(only or (FAULTS.keys() if topics else FAULTS.keys() - OF_TOPICS))
    dice = random.Random(seed)
    names: list[str] = []
    while len(names) < count:
        names += dice.sample(kinds, len(kinds))
    return [Step(name, dice.uniform(3.0, 8.0)) for name in names[:count]]
