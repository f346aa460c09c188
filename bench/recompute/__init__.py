"""What every user's rows must be, from the input alone: the second opinion on the job.

Nothing here is shared with the job. Records are read with the standard `json`, sums are closed
forms in float64 over each user's sorted events, and the only thing taken from outside is the
vector of a text.
"""

from bench.recompute.actions import ACTIONS, Action
from bench.recompute.oracle import Record, recompute
from bench.recompute.result import KINDS, Counts, Expected, User, UserItem, Windows
from bench.recompute.validation import Bounds

__all__ = [
    "ACTIONS",
    "KINDS",
    "Action",
    "Bounds",
    "Counts",
    "Expected",
    "Record",
    "User",
    "UserItem",
    "Windows",
    "recompute",
]
