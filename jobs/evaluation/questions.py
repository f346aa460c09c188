"""Which interactions are asked about: a seeded sample of the test part, or users' last ones."""

import numpy as np
from numpy.typing import NDArray

from jobs.evaluation.errors import EvaluationError
from jobs.evaluation.interactions import Interactions
from jobs.evaluation.settings import Protocol


def start_of_test(interactions: Interactions, share: float) -> int:
    """The first interaction of the test part, which holds the last `share` of all."""
    return len(interactions) - round(len(interactions) * share)


def sample_questions(
    interactions: Interactions, protocol: Protocol, count: int, share: float, seed: int
) -> NDArray[np.int64]:
    """At most `count` interactions that are asked about, as indices `(questions,)` in their order.

    `prequential` draws from the test part, which holds the last `share` of the interactions.
    `leave-one-out` draws users with two interactions or more, and asks about the last one of each.
    Each is drawn at most once; the same arguments draw the same. Raises EvaluationError when there
    is nothing to ask.
    """
    if protocol == "prequential":
        possible = np.arange(start_of_test(interactions, share), len(interactions))
    else:
        last = np.zeros(len(interactions.user_ids), dtype=np.int64)
        # Of several writes to one place the last stays.
        np.maximum.at(last, interactions.user, np.arange(len(interactions)))
        possible = last[interactions.before_user[last] > 0] if len(interactions) else last[:0]
    if not len(possible):
        raise EvaluationError(
            f"there is nothing to ask: {len(interactions)} first interactions of users with items"
            " of the catalogue were found"
        )
    drawn = np.random.default_rng(seed).permutation(possible)[:count]
    return np.sort(drawn)
