"""Computes from the input alone what every row must be, as a second opinion on the job.

Nothing here is shared with the job. Records are read with the standard `json`, and sums are
closed forms in float64 over each user's sorted events. Only two things come from outside: the
vector of a text, and the space's sentences of known sentiment.
"""

from bench.verify.recompute.actions import ACTIONS, Action
from bench.verify.recompute.oracle import recompute, recompute_phases
from bench.verify.recompute.phases import Phase, Record
from bench.verify.recompute.result import KINDS, Counts, Expected, User, UserItem, Windows
from bench.verify.recompute.sentiment import Prototypes
from bench.verify.recompute.validation import Bounds

__all__ = [
    "ACTIONS",
    "KINDS",
    "Action",
    "Bounds",
    "Counts",
    "Expected",
    "Phase",
    "Prototypes",
    "Record",
    "User",
    "UserItem",
    "Windows",
    "recompute",
    "recompute_phases",
]
