"""The rows and counts that the tables must hold."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.verify.recompute.feedback import Feedback
from bench.verify.recompute.neighbors import Neighbors
from bench.verify.recompute.trends import Trends

KINDS = ("recent", "session", "day", "month", "topics", "dislikes")


@dataclass(frozen=True, slots=True)
class Counts:
    """The counters of one stream."""

    records_in: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    waiting: int = 0
    """Events whose item never came: they still wait, or are dead letters (`unknown_item`)."""
    applied: int = 0
    excluded: int = 0
    """Events of users who opted out or are forgotten; events and items of deleted items."""


@dataclass(frozen=True, slots=True)
class User:
    """The row of one user."""

    events: int
    last_event_ms: int
    """Epoch milliseconds."""


@dataclass(frozen=True, slots=True)
class UserItem:
    """What a user did with an item; times in epoch milliseconds."""

    actions: frozenset[str]
    first_ms: int
    last_ms: int
    signal: float | None
    """Signed weight of the newest event that has one, undoes others or replaces them; it may be 0
    where it undoes or replaces."""
    signal_ms: int | None
    signal_key: int | None
    """event_key - 2^63, as the column holds it."""
    slack: float = field(default=0.0, compare=False)
    """How far off the signal may be; above 0 only where the sentiment of a comment scales it."""


@dataclass(frozen=True)
class Windows:
    """One row per user and kind; `rows` finds it."""

    keys: list[tuple[str, str]]
    """(user_id, kind) of each row."""
    units: NDArray[np.float32]
    """(rows, dim): unit(S), zeros where S = 0."""
    weights: NDArray[np.float64]
    """(rows,)"""
    as_of_ms: NDArray[np.int64]
    """(rows,)"""
    agreement: NDArray[np.float64]
    """(rows,): |S| / weight. 1 where all vectors agree, 0 where they cancel out."""
    slack: NDArray[np.float64]
    """(rows,): how far off the weight, and every component of S, may be.

    There are two causes: rounding in sums from which something was subtracted, and the sentiment
    of comments."""
    rows: dict[tuple[str, str], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {key: row for row, key in enumerate(self.keys)})


@dataclass(frozen=True)
class Expected:
    """All rows and counts that an input leads to."""

    windows: Windows
    users: dict[str, User]
    """By user_id."""
    user_items: dict[tuple[str, str], UserItem]
    """By (user_id, item_id)."""
    counts: dict[str, Counts]
    """By stream: events, items, control."""
    dead_letters: Counter[tuple[str, str]]
    """By (stream, reason), without those of forgotten users and deleted items."""
    forgotten: frozenset[str]
    opted_out: frozenset[str]
    items: dict[str, tuple[str, bool]]
    """(document, available) by item_id."""
    representatives: dict[str, str | None]
    """By item_id the item that stands for its group; None for an item that is alone."""
    changes_decided: bool
    """Whether the input decides how many documents had to be encoded."""
    counts_decided: bool
    """Whether the input decides how the events of users who sent commands are counted."""
    undecided: frozenset[str]
    """Users whose windows and signals the input does not decide.

    They undid or replaced more than the job remembers, wrote a comment at the edge of being
    neutral, or had an event that waited for its item while items changed."""
    neighbors: Neighbors = field(default_factory=lambda: Neighbors(0))
    """Neighbors of items, if each line was read before the next."""
    trends: Trends = field(default_factory=Trends)
    """What trends count, once all events are counted."""
    feedback: Feedback = field(default_factory=Feedback)
    """What users were shown, and clicks on what was recommended."""
    deleted: frozenset[str] = frozenset()
    """Items that are deleted for good."""
