"""Which fault comes when: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.chaos.faults import FAULTS


@dataclass(frozen=True)
class Step:
    """A fault, and how long the job runs undisturbed before it, in seconds."""

    name: str
    pause_s: float


def timeline(seed: int, count: int, only: Sequence[str] = ()) -> list[Step]:
    """Draw `count` faults of all kinds, or of those in `only`; each once before one comes again.

    >>> [step.name for step in timeline(1, 30)] == [step.name for step in timeline(1, 30)]
    True
    >>> len({step.name for step in timeline(2, len(FAULTS))}) == len(FAULTS)
    True
    """
    kinds = sorted(only or FAULTS)
    dice = random.Random(seed)
    names: list[str] = []
    while len(names) < count:
        names += dice.sample(kinds, len(kinds))
    return [Step(name, dice.uniform(3.0, 8.0)) for name in names[:count]]
