"""The rows and counts that the tables must come to."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

KINDS = ("recent", "session", "day", "month", "topics", "dislikes")


@dataclass(frozen=True, slots=True)
class Counts:
    records_in: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    waiting: int = 0
    """Events of items that never came: they wait, or have died of `unknown_item`."""
    applied: int = 0
    excluded: int = 0
    """Events of users who opted out or are forgotten."""


@dataclass(frozen=True, slots=True)
class User:
    events: int
    last_event_ms: int


@dataclass(frozen=True, slots=True)
class UserItem:
    actions: frozenset[str]
    first_ms: int
    last_ms: int
    signal: float | None
    """Signed weight of the newest event that has one; 0 where that undoes."""
    signal_ms: int | None
    signal_key: int | None
    """As the column holds it: event_key - 2^63."""
    slack: float = field(default=0.0, compare=False)
    """How far off the signal may be, since a text was judged."""


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
    """(rows,): how far off the weight, and every component of S, may be: what rounding leaves of
    sums from which something was taken off, and of texts that were judged."""
    rows: dict[tuple[str, str], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {key: row for row, key in enumerate(self.keys)})


@dataclass(frozen=True)
class Expected:
    windows: Windows
    users: dict[str, User]
    user_items: dict[tuple[str, str], UserItem]
    counts: dict[str, Counts]
    """By stream: events, items, control."""
    dead_letters: Counter[tuple[str, str]]
    """By (stream, reason), without those of forgotten users."""
    forgotten: frozenset[str]
    opted_out: frozenset[str]
    items: dict[str, tuple[str, bool]]
    """(document, available) by item."""
    changes_decided: bool
    """Whether the input says how many documents had to be encoded."""
    counts_decided: bool
    """Whether the input says what became of the events of users who sent commands."""
    undecided: frozenset[str]
    """Users whose windows and signals the input does not decide: they took back more than is
    remembered, or said something on the edge of being neutral."""
